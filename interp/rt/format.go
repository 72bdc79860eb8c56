package rt

import (
	"fmt"
	"reflect"
)

// Format prints the value as fmt prints it in compiled Go.
func (h held) Format(s fmt.State, verb rune) {
	for _, name := range []string{"Error", "String"} {
		if m := h.method(name); m != nil {
			fmt.Fprintf(s, fmt.FormatString(s, verb), h.callString(name))
			return
		}
	}
	fmt.Fprintf(s, fmt.FormatString(s, verb), h.r.Raw(h.x))
}

// contains says whether there is something of the user's in a value.
func (r *Registry) contains(reflect.Value, int) bool { return true }
