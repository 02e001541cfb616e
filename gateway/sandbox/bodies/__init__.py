"""Records as the vendor's resources (CONTRACT section 5), member by member as in its samples."""
