"""The road from articles to feeds: prepare each article, take it into the store, deliver what is dirty."""
