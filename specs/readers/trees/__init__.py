"""YAML and JSON as trees that know their lines, JSON Schemas as lists of fields, and what examples show."""
