"""What is known of prices: as they are, summed up, compared.

Other parts of Aurum ask `prices.all_prices` and `prices.all_aggregates`.
"""
