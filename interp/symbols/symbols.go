package symbols

import "reflect"

//go:generate go run ./generate

// Symbols maps a package (its path and, after a slash, its name) to its exported names.
var Symbols = map[string]map[string]reflect.Value{}
