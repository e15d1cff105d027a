"""Layout, components and charts: how everything looks, and nothing about what it means. Start at README.md."""
