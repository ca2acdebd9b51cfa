"""Registers: their lines, and the paper and spreadsheet that they are printed on."""
