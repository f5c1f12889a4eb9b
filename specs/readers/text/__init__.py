"""The text of a page: its lines, the labels of rendered pages, and the lines that head its parts."""
