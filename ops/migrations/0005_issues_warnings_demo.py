from django.db import migrations, models

MADE_UP = ("demo-curves-", "lmp-demo-")
"""How the names of demo files began before loads were told from those of real files."""


def mark_demo(apps, schema_editor):
    loads = apps.get_model("ops", "Load").objects
    for begins in MADE_UP:
        loads.filter(file__startswith=begins).update(demo=True)


class Migration(migrations.Migration):

    dependencies = [("ops", "0004_standard_words")]

    operations = [
        migrations.AlterField(
            "load",
            "state",
            models.CharField(
                choices=[
                    ("running", "Running"),
                    ("published", "Published"),
                    ("unchanged", "Nothing new"),
                    ("abandoned", "Refused"),
                ],
                default="running",
                max_length=10,
            ),
        ),
        migrations.AddField(
            "load",
            "older",
            models.BigIntegerField(
                default=0, help_text="Rows of which a newer issue was there: they changed nothing."
            ),
        ),
        migrations.AlterField(
            "load", "reason", models.TextField(blank=True, help_text="Why it was refused.")
        ),
        migrations.AddField(
            "load",
            "warnings",
            models.TextField(blank=True, help_text="What the file as a whole lacks."),
        ),
        migrations.AddField(
            "load",
            "demo",
            models.BooleanField(default=False, help_text="Whether its rows are demo data."),
        ),
        migrations.AddField(
            "load",
            "removed_by",
            models.BigIntegerField(
                null=True, help_text="Of demo data: the load that took its rows out."
            ),
        ),
        migrations.AddField(
            "quarantinedrow",
            "flagged",
            models.BooleanField(
                default=False,
                help_text="Kept all the same: its publisher does not guarantee the check.",
            ),
        ),
        migrations.RunPython(mark_demo, migrations.RunPython.noop),
    ]
