package overlay

import _ "embed"

//go:embed iter/iter.go
var iter string

// Packages are the sources of whole packages, by path.
var Packages = map[string]string{"iter": iter}
