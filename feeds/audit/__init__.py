"""Hold what our articles claim of the pages that they cite against what is known of those pages."""
