"""Serve output/ over HTTP as feed readers wish it, with health, metrics and whatever routes others bring."""
