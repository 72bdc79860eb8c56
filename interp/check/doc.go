// Package check type-checks cells before anything of them runs, and keeps what a session has declared.
//
//	cell text ─► cell.Split ─► parse (pieces) ─► attempt (one go/types run) ──┬─► Cell ─► lowering ─► Commit
//	                                               ▲                         │
//	                                               └── revise: old names,    ├─► Errors: nothing has changed
//	                                                   imports, replays ◄────┘
//
// How a cell becomes a package. All cells share one types.Package (path "main"), whose scope is emptied for each cell: so
// unexported names of earlier cells stay accessible, methods can be added to their types, and objects of all cells have one
// parent. What earlier cells declared, the imports and the predeclared names are put into the *file* scope, where names of
// the cell hide them. They are put there, and methods on types of earlier cells are added to those, while go/types has
// collected the objects of the cell and has not yet looked at them: an import in a second file calls us at that moment.
//
// Invariants:
//   - Uses point to true objects: there are no stand-ins after a check. `x := x + 1` has the new x in Item.Lhs and Uses of
//     the x on the right is the object of the earlier cell.
//   - A variable that a top-level var or := defines is a package-level variable (Var.Kind() == types.PackageVar), for all
//     cells, functions and closures. Cell.Body has its definitions in the order in which they run: the order of the text, but
//     var declarations wait for the variables that they need, as Go initialises packages.
//   - A redefined name is a new object. Functions, methods, types and constants that use it, directly or not, are replayed:
//     checked again as part of the new cell, with their old positions, as new objects; methods whose receiver type stays
//     keep their *types.Func. Variables keep their types and values.
//   - A failed Check changes nothing; Commit changes the session.
//
// Set Importer.Source to Session.FromSource where the importer has such a hook, so that types of packages that are checked from
// source are the same everywhere.
//
// Read session.go first, then parse.go, attempt.go, revise.go and replay.go.
package check
