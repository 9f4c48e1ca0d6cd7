"""How a report draws what checks keep in their records, by what is drawn."""
