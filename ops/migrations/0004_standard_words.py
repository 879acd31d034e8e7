from django.db import migrations


def rename_location_names(apps, schema_editor):
    tables = apps.get_model("ops", "LoadedTable").objects
    tables.filter(table="iso_word").update(table="iso_location_name")


def restore_location_names(apps, schema_editor):
    tables = apps.get_model("ops", "LoadedTable").objects
    tables.filter(table="iso_location_name").update(table="iso_word")


class Migration(migrations.Migration):

    dependencies = [("ops", "0003_flagged")]

    operations = [
        migrations.RenameModel("CacheOrder", "CacheCommand"),
        migrations.RunPython(rename_location_names, restore_location_names),
    ]
