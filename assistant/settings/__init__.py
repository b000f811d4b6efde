"""Settings: read once at start from `almanac.toml` and the environment, then passed down as frozen objects."""
