"""What will be sold: by territory, product, group and month (J15, H17)."""
