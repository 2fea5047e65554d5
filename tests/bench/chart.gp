# SPDX-License-Identifier: GPL-2.0-only
# Called by results.py with the variables data, chart, name
# and counted (are there instruction counts?).
set terminal pngcairo size 1100,520 noenhanced
set output chart
set title "ours against in-box on hvhost, times better (" . name . ")"
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.85 border -1
set yrange [0:*]
set grid ytics
set xtics rotate by -30 nomirror
set key outside top center horizontal
set arrow from graph 0, first 1 to graph 1, first 1 nohead dashtype 2 front
if (counted) {
	plot data using 2:xtic(1) title "throughput" linecolor rgb "#2060a0", \
	     data using 3 title "instructions per operation" linecolor rgb "#e08020"
} else {
	plot data using 2:xtic(1) title "throughput" linecolor rgb "#2060a0"
}
