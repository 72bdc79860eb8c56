// Command speed times small interpreted programs in a Rivulet session beside raw yaegi, and what the front end costs.
//
//	testdata/*.go ─┬─► a session process (interp/supervisor) ─┬─► ms and ratio
//	               └─► raw yaegi (interp/raw) ────────────────┘
//
// Both run the same source: the file is evaluated, then a call of its function, timed inside by the same code. The two
// take turns, so that what else the machine does touches both, and the best of each counts.
//
// Read main.go first.
package main
