// Package symbols holds what cells see of Rivulet's own packages, in the form that yaegi wants.
//
// The files github_com-*.go are generated from the packages frame and display: go generate ./interp/symbols
package symbols

import "reflect"

//go:generate go run ./generate

// Symbols maps a package (its path and, after a slash, its name) to its exported names.
var Symbols = map[string]map[string]reflect.Value{}
