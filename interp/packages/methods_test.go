package packages

import "testing"

func TestCalls(t *testing.T) {
	for method, want := range map[string]bool{
		"String": true, "Error": true, "Unwrap": true, "As": true, "MarshalJSON": true, "Less": true, "LogValue": true, "HTML": true,
		"Dgemm": false, "string": false, "": false,
	} {
		if got := Calls(method); got != want {
			t.Errorf("%q: %v", method, got)
		}
	}
}
