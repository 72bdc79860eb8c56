package packages

import _ "embed"

// archTypes are the packages whose types differ from those in stdTypes.
//
//go:embed data/std.types.arm64.zst
var archTypes string
