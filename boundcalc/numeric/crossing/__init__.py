"""Where the better of two bounds changes as a sample grows."""
