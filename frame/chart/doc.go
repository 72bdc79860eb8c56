// Package chart is what a chart shows, as plain data: few points, however many rows they stand for.
//
//	frame.Plot ─► plan: groups, bins, pixel columns ─► batch.Snapshot ─► Chart ─► Snapshot ─► display draws it
//
// Package frame makes charts of what the engine has aggregated, package display draws them; this package has what both
// need: the types, steps and ticks that people like to read, and the reduction of lines.
//
// Invariants:
//  1. A chart has finite numbers only, and a line about four points at most for each pixel of its width.
//  2. A reduced line keeps the smallest and the largest value of each of its columns.
//
// Read chart.go first, then reduce.go (lines) and step.go (bins, ticks).
package chart
