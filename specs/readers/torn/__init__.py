"""Text that a copy tore or glued, put right line by line: tables above all."""
