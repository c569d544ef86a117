"""Tables of any kind, CSV, Excel, Parquet or a frame, read for what their cells say. May import `envs` alone."""
