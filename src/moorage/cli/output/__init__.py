"""How answers are printed: tables, YAML, JSON, names, as kubectl prints them."""
