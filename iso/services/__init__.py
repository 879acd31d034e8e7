"""What is known of prices: as they are, summed up, compared."""
