package frame_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	. "github.com/rivulet-go/rivulet/frame"
	"github.com/rivulet-go/rivulet/frame/memory"
)

type tail struct {
	Plane  *string
	Number string
	Delay  int
}

// planes is rows of planes, of which some are not known, that fly again and again, and of numbers that do not repeat.
func planes(rows int) []tail {
	list := make([]tail, rows)
	for i := range list {
		list[i] = tail{Number: fmt.Sprint("flight number ", i), Delay: i % 100}
		if i%13 > 0 {
			plane := fmt.Sprint("the plane with the number ", i%200)
			list[i].Plane = &plane
		}
	}
	return list
}

func byPlane(df *Frame) *Frame {
	return df.GroupBy("Plane").Agg(Count().As("n"), Sum("Delay").As("late"))
}

// TestCodesLater: text is coded when a plan has a use for it, once, whatever reads it meanwhile.
func TestCodesLater(t *testing.T) {
	df := New(planes(50_000))
	want := lines(t, byPlane(df.Filter("Delay >= 0"))) // a filter's rows are not coded
	rows := lines(t, df)
	sorted := df.Sort("Delay", "Number")
	if e := sorted.Explain(); !strings.Contains(e, "codes of Plane, Number") {
		t.Fatalf("a sort does not code text:\n%s", e)
	}
	used := memory.Default().Used()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if got := lines(t, byPlane(df)); got != want {
				t.Errorf("groups of codes\n%s\nwant\n%s", got, want)
			}
		})
		group.Go(func() {
			if got := lines(t, df); got != rows {
				t.Error("the rows are not what they were")
			}
		})
	}
	group.Wait()
	if now := memory.Default().Used(); now >= used {
		t.Errorf("%d bytes are held with codes, %d were without", now, used)
	}
	if e := byPlane(df).Explain(); strings.Contains(e, "codes of") {
		t.Errorf("what is coded is coded again:\n%s", e)
	}
	first := lines(t, mustCollect(t, sorted).Select("Number").Head(3))
	if e := sorted.Explain(); strings.Contains(e, "code text") || first != "Number\nflight number 0\nflight number 100\nflight number 1000" {
		t.Errorf("numbers that do not repeat are to be coded again:\n%s\n%s", e, first)
	}
}

// TestCodesOfFiles: what the dictionaries of a Parquet file do not code stays plain until it is grouped by.
func TestCodesOfFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "planes.parquet")
	if err := New(planes(50_000)).Write(path); err != nil {
		t.Fatal(err)
	}
	df := mustCollect(t, Read(path).Filter("Delay < 90"))
	if e := byPlane(df).Explain(); strings.Contains(e, "codes of") {
		t.Errorf("a column with dictionaries is not coded:\n%s", e)
	}
	numbers := df.Distinct("Number")
	if e := numbers.Explain(); !strings.Contains(e, "codes of Number") {
		t.Errorf("a column without dictionaries is coded:\n%s", e)
	}
	if got, want := lines(t, byPlane(df)), lines(t, byPlane(Read(path).Filter("Delay < 90"))); got != want {
		t.Errorf("in memory\n%s\nin the file\n%s", got, want)
	}
	if n, err := numbers.Count(); err != nil || n != 45_000 {
		t.Errorf("%d numbers, want 45000 (%v)", n, err)
	}
}

// TestCodesRefused: without memory for codes, text is grouped as it is.
func TestCodesRefused(t *testing.T) {
	df := New(planes(50_000))
	want := lines(t, byPlane(df.Filter("Delay >= 0")))
	budget := memory.Default()
	total := budget.Total()
	budget.Resize(1)
	got := lines(t, byPlane(df))
	budget.Resize(total)
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if e := byPlane(df).Explain(); !strings.Contains(e, "codes of Plane") {
		t.Errorf("what was refused is not tried again:\n%s", e)
	}
}

// TestCodesCancelled: a run that is cancelled while it codes leaves all as it was.
func TestCodesCancelled(t *testing.T) {
	df := New(planes(50_000))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := byPlane(df).CollectContext(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if e := byPlane(df).Explain(); !strings.Contains(e, "codes of Plane") {
		t.Errorf("cancelled, and coded:\n%s", e)
	}
	if n, err := byPlane(df).Count(); err != nil || n != 201 {
		t.Errorf("%d groups, want 201 (%v)", n, err)
	}
}
