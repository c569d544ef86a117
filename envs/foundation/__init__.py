"""What everything stands on: errors, validated keys, registries, files, what is printed. Imports no other room."""
