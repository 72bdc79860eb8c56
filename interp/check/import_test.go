package check

import (
	"go/importer"
	"go/token"
	"go/types"
	"sync"
)

var gc = sync.OnceValue(func() types.Importer { return importer.ForCompiler(token.NewFileSet(), "source", nil) })
