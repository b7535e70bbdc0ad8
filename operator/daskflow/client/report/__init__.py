"""Where time and memory of a run went, as people see it: the report of a status in words and pictures.

reading          `figures_of`: figures from a status, or why there are none; pure
  figures                        what comes out: plain data in numbers
  words                          how numbers are said
record           the record of each task, which a run may have kept: read and bounded
  recorded                       figures with what only it knows
run_report       `run.report` in a program
difference       what became slower from one run to another; pure
totals, bars, palette            what letters and pictures have in common
letters          the report in letters, for terminals
  letter_areas                   its part over time
svg              the picture, by the standard library alone, for light pages and dark ones
  areas, style                   its part over time; its colours and rules
html             a part of a page; page, a page of its own
data             figures for programs
"""
