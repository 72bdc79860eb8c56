package packages

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed data/std.methods.txt
var stdMethods string

//go:embed data/own.methods.txt
var ownMethods string

var methods = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for name := range strings.FieldsSeq(stdMethods + ownMethods) {
		m[name] = true
	}
	return m
})

// Calls says whether compiled code may call a method of that name on a value that it is given as an interface: whether any
// interface that it knows has one.
func Calls(method string) bool { return methods()[method] }
