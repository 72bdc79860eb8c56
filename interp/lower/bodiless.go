package lower

import (
	"fmt"
	"go/types"
	"strings"
)

// linked are functions of modules that assembly or the linker makes others of the library, with as many of their results.
var linked = map[string]struct{ pkg, name string }{
	"golang.org/x/sys/unix.Syscall":           {"syscall", "Syscall"},
	"golang.org/x/sys/unix.Syscall6":          {"syscall", "Syscall6"},
	"golang.org/x/sys/unix.RawSyscall":        {"syscall", "RawSyscall"},
	"golang.org/x/sys/unix.RawSyscall6":       {"syscall", "RawSyscall6"},
	"golang.org/x/sys/unix.SyscallNoError":    {"syscall", "RawSyscall"},
	"golang.org/x/sys/unix.RawSyscallNoError": {"syscall", "RawSyscall"},
}

// bodiless writes a function that has no body in Go: it calls the one that it stands for, or panics with why that can't be.
func (f *function) bodiless(name string, fn Function, params []string) {
	full := f.info.Defs[fn.Decl.Name].(*types.Func).FullName()
	sig := f.declSignature(fn.Decl.Type)
	own := f.parameters(fn.Decl.Type, sig)
	var results, values []string
	for v := range sig.Results().Variables() {
		results = append(results, f.typ(v.Type()))
		values = append(values, f.zero(v.Type()))
	}
	body := fmt.Sprintf("%s(%q)\nreturn %s\n", rt("Panic"), full+" can't be called in cells: "+fn.Lacks, strings.Join(values, ", "))
	if target, ok := linked[full]; ok {
		var args, kept []string
		for _, p := range own {
			arg, _, _ := strings.Cut(p, " ")
			args = append(args, arg)
		}
		for i := range results {
			kept = append(kept, fmt.Sprintf("r%d", i))
		}
		all := append(kept, "_", "_", "_")[:3]
		body = fmt.Sprintf("%s := %s.%s(%s)\nreturn %s\n", strings.Join(all, ", "), f.use(target.pkg), target.name, strings.Join(args, ", "), strings.Join(kept, ", "))
	}
	fmt.Fprintf(&f.unit.funcs, "%sfunc %s(%s)%s {\n%s}\n", f.lineDirective(fn.Decl.Pos()), name, strings.Join(append(params, own...), ", "), resultText(results), body)
}
