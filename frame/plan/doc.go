// Package plan holds what a frame wants computed, as data.
//
//	frame ─► New… (checked nodes) ─► Optimize (rules) ─► Cut (stages) ─► distrib
//
// A Node tree is logical: it says what, not how. Optimize rewrites it by small rules, each in a file of its own. Cut
// parts it at the pipeline breakers (aggregate, sort, distinct, tail, the build side of a join) into stages; a stage is
// a linear chain that a lane runs over each split of a source, and the gather that puts the lanes' blocks together.
//
// Invariants:
//  1. Nodes are immutable; a rule makes new ones.
//  2. A rule never changes a plan's result: columns, their order, rows and their order.
//  3. Nodes are plain data (names, expressions, numbers): no function, open file or batch hides in one.
//
// Read node.go first, then stage.go.
package plan
