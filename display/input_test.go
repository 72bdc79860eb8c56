package display

import (
	"errors"
	"testing"
)

func TestInput(t *testing.T) {
	SetSurface(nil)
	if _, err := Input("? "); !errors.Is(err, ErrNoSurface) {
		t.Errorf("without a cell: %v", err)
	}
	f := &fakeSurface{}
	SetSurface(func() Surface { return f })
	defer SetSurface(nil)
	if got, err := Input("name? "); got != "name? false" || err != nil {
		t.Errorf("Input: %q, %v", got, err)
	}
	if got, err := Password("key? "); got != "key? true" || err != nil {
		t.Errorf("Password: %q, %v", got, err)
	}
	f.fail = errors.New("no")
	if _, err := Input(""); !errors.Is(err, f.fail) {
		t.Errorf("refused: %v", err)
	}
}
