package display

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// flights is a record of each type that a table draws, with nulls.
func flights(mem memory.Allocator, rows int) arrow.Record {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "carrier", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "flight", Type: arrow.PrimitiveTypes.Int64},
		{Name: "dep_delay", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "late", Type: arrow.FixedWidthTypes.Boolean},
		{Name: "day", Type: arrow.FixedWidthTypes.Date32},
		{Name: "time_hour", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}},
		{Name: "took", Type: &arrow.DurationType{Unit: arrow.Second}},
	}, nil)
	b := array.NewRecordBuilder(mem, schema)
	defer b.Release()
	start := time.Date(2013, 1, 1, 5, 0, 0, 0, time.UTC)
	for i := range rows {
		at := start.Add(time.Duration(i) * 7 * time.Hour)
		if i%5 == 3 {
			b.Field(0).AppendNull()
			b.Field(2).AppendNull()
		} else {
			b.Field(0).(*array.StringBuilder).Append([]string{"UA", "AA", "B6 <JetBlue>", "", "null", " DL"}[i%6])
			b.Field(2).(*array.Float64Builder).Append(float64(i*i)/7 - 3)
		}
		b.Field(1).(*array.Int64Builder).Append(int64(1545 + 13*i))
		b.Field(3).(*array.BooleanBuilder).Append(i%2 == 0)
		b.Field(4).(*array.Date32Builder).Append(arrow.Date32FromTime(at))
		b.Field(5).(*array.TimestampBuilder).Append(arrow.Timestamp(at.UnixMicro()))
		b.Field(6).(*array.DurationBuilder).Append(arrow.Duration(60 * i))
	}
	return b.NewRecord()
}

// wide is a record of n integer columns.
func wide(mem memory.Allocator, n int) arrow.Record {
	fields := make([]arrow.Field, n)
	for i := range fields {
		fields[i] = arrow.Field{Name: fmt.Sprintf("column_%02d", i), Type: arrow.PrimitiveTypes.Int64}
	}
	b := array.NewRecordBuilder(mem, arrow.NewSchema(fields, nil))
	defer b.Release()
	for i := range n {
		b.Field(i).(*array.Int64Builder).AppendValues([]int64{int64(i), int64(i * 1000)}, nil)
	}
	return b.NewRecord()
}

// texts is a record of one column of strings that are hard to draw.
func texts(mem memory.Allocator) arrow.Record {
	b := array.NewRecordBuilder(mem, arrow.NewSchema([]arrow.Field{
		{Name: "text", Type: arrow.BinaryTypes.String}, {Name: "n", Type: arrow.PrimitiveTypes.Int64},
	}, nil))
	defer b.Release()
	for i, s := range hard {
		b.Field(0).(*array.StringBuilder).Append(s)
		b.Field(1).(*array.Int64Builder).Append(int64(i))
	}
	return b.NewRecord()
}

var hard = []string{
	"plain", "", "null", " lead", "a\nb\tc\r\x1b[31mred\x00", "<script>alert(1)</script>&amp;\"'", "日本語テキスト", "한국어",
	"שלום עולם", "مرحبا", "\u202eevil\u202c", "bad \xff\xfe bytes", "👩‍👩‍👧‍👦 family", "é e\u0301", "\u200bzero", "a\u00a0b", strings.Repeat("long ", 60),
	strings.Repeat("長", 80), "\ufeffbom", "[0m", "\u2028line",
}

func TestViewGolden(t *testing.T) {
	mem := checked(t)
	running := batch.Progress{
		Splits: 3, SplitsTotal: 12, Rows: 84_194, Bytes: 120_000_000, BytesTotal: 480_000_000, Elapsed: 1500 * time.Millisecond,
	}
	done := batch.Progress{
		Splits: 12, SplitsTotal: 12, Rows: 336_776, Bytes: 480_000_000, BytesTotal: 480_000_000, Elapsed: 6100 * time.Millisecond,
	}
	spans := []batch.Span{{Input: "flights.csv", Start: 0, End: 120_000_000}}
	cases := []struct {
		name   string
		s      []batch.Snapshot
		finish func(*state)
	}{
		{name: "running", s: []batch.Snapshot{{Record: flights(mem, 25), Rows: 84_194, Progress: running, Covered: spans}}},
		{name: "first", s: []batch.Snapshot{{Record: flights(mem, 60), Rows: 60, First: true}}},
		{name: "final_full", s: []batch.Snapshot{{Record: flights(mem, 60), Rows: 60, First: true}, {Rows: 60, Progress: done, Final: true}}},
		{name: "replaced", s: []batch.Snapshot{
			{Record: flights(mem, 9), Mode: batch.Replace, Rows: 9, Progress: running, Covered: spans},
			{Record: flights(mem, 4), Mode: batch.Replace, Rows: 4, Progress: running, Covered: spans},
		}},
		{name: "sample", s: []batch.Snapshot{
			{Record: flights(mem, 3), Mode: batch.Replace, Rows: 3, Progress: running, Sample: true},
			{Mode: batch.Replace, Progress: running, Covered: spans},
		}},
		{name: "after_sample", s: []batch.Snapshot{
			{Record: flights(mem, 3), Mode: batch.Replace, Rows: 3, Progress: running, Sample: true},
			{Record: flights(mem, 2), Mode: batch.Replace, Rows: 2, Progress: running, Covered: spans},
		}},
		{name: "final", s: []batch.Snapshot{
			{Record: flights(mem, 50), Rows: 84_194, Progress: running},
			{Record: flights(mem, 50), Rows: 336_776, Progress: done, Final: true},
		}},
		{name: "final_small", s: []batch.Snapshot{{Record: flights(mem, 7), Rows: 7, Progress: done, Final: true}}},
		{name: "one_row", s: []batch.Snapshot{{Record: flights(mem, 1), Rows: 1, Final: true}}},
		{name: "no_rows", s: []batch.Snapshot{{Record: flights(mem, 0), Final: true, Progress: done}}},
		{name: "no_record", s: []batch.Snapshot{{Final: true}}, finish: func(s *state) { s.columns = []string{"a", "b"} }},
		{name: "progress_only", s: []batch.Snapshot{{Mode: batch.Replace, Rows: 70_000, Progress: running}}},
		{name: "unknown_total", s: []batch.Snapshot{{
			Record: flights(mem, 2), Rows: 2,
			Progress: batch.Progress{Splits: 1, Rows: 1000, Bytes: 4096, SpilledBytes: 3 << 30, Elapsed: 80 * time.Millisecond},
		}}},
		{name: "interrupted", s: []batch.Snapshot{{Record: flights(mem, 3), Rows: 3, Progress: running}}, finish: func(s *state) {
			s.interrupted, s.err = true, errors.New("context canceled")
		}},
		{name: "error", s: []batch.Snapshot{{Record: flights(mem, 3), Rows: 3, Progress: running}}, finish: func(s *state) {
			s.err = errors.New("flights.csv: row 12, column \"x\": value \"<b>\" is not an integer\n\tdeclare it")
		}},
		{name: "cluster", s: []batch.Snapshot{{Record: flights(mem, 2), Rows: 2, Progress: onNodes(running, 7, 5, 12, 0, 1, 1)}}},
		{name: "cluster_exchange", s: []batch.Snapshot{
			{Record: flights(mem, 2), Rows: 2, Progress: onNodes(done, 7, 5)}, // rows stay while there is only progress
			{Mode: batch.Replace, Progress: exchanging(onNodes(done, 7, 5), 3, 9)},
		}},
		{name: "cluster_final", s: []batch.Snapshot{{Record: flights(mem, 2), Rows: 2, Progress: exchanging(onNodes(done, 7, 5), 9, 9), Final: true}}},
		{name: "cluster_error", s: []batch.Snapshot{{Record: flights(mem, 2), Rows: 2, Progress: onNodes(running, 2, 1)}}, finish: func(s *state) {
			s.err = errors.New("task \"flights.csv 1/4\" was tried 4 times, last on node node-b: lost")
		}},
		{name: "wide", s: []batch.Snapshot{{Record: wide(mem, 40), Rows: 2, Final: true}}},
		{name: "wide_text_only", s: []batch.Snapshot{{Record: wide(mem, 15), Rows: 2, Final: true}}},
		{name: "hard_texts", s: []batch.Snapshot{{Record: texts(mem), Rows: int64(len(hard)), Final: true}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var s state
			defer s.release()
			for _, snapshot := range c.s {
				s.apply(snapshot)
			}
			if c.finish != nil {
				c.finish(&s)
			}
			b := s.bundle(1)
			html, text := b.Data["text/html"].(string), b.Data["text/plain"].(string)
			checkKept(t, html)
			checkText(t, text)
			golden(t, "view/"+c.name+".html", html+"\n")
			golden(t, "view/"+c.name+".txt", text+"\n")
			if s.final && strings.Contains(html, "<progress") {
				t.Error("a final state has a progress bar")
			}
		})
	}
}

// exchanging is p while some of the parts of an exchange are done.
func exchanging(p batch.Progress, parts, total int) batch.Progress {
	p.Parts, p.PartsTotal = parts, total
	return p
}

// onNodes is p made by nodes, the last of which is the session.
func onNodes(p batch.Progress, splits ...int) batch.Progress {
	for i, n := range splits {
		p.Nodes = append(p.Nodes, batch.NodeSplits{Node: fmt.Sprintf("node-%c", 'a'+i), Splits: n})
	}
	p.Nodes[len(p.Nodes)-1].Node = ""
	p.Dashboard = "http://head:8265/?a=1&b=\"<x>\""
	return p
}

// checkText fails where text could upset a terminal.
func checkText(t *testing.T, text string) {
	t.Helper()
	for _, r := range text {
		if r < ' ' && r != '\n' || r == 0x7f || r == '\uFFFD' || r >= 0x202A && r <= 0x202E {
			t.Errorf("character %q", r)
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		if w := width(line); w > 130 {
			t.Errorf("a line of %d columns: %s", w, line)
		}
	}
}

func TestFloatFormat(t *testing.T) {
	for _, c := range []struct {
		in   []float64
		want string
	}{
		{[]float64{1, 2, 30}, "1.0 2.0 30.0"},
		{[]float64{12.639226736321, -3.5}, "12.6392 -3.5000"},
		{[]float64{0.1, 0.25}, "0.10 0.25"},
		{[]float64{123456.789, 2}, "123456.79 2.00"},
		{[]float64{1e-9, 5}, "1e-09 5"},
		{[]float64{1e20, 5}, "1e+20 5"},
		{[]float64{math.NaN(), math.Inf(1), math.Inf(-1), 0}, "NaN +Inf -Inf 0.0"},
		{[]float64{math.MaxFloat64, math.SmallestNonzeroFloat64}, "1.79769e+308 4.94066e-324"},
		{nil, ""},
	} {
		draw := floatFormat(c.in)
		var got []string
		for _, v := range c.in {
			got = append(got, draw(v).text)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%v: %s, want %s", c.in, s, c.want)
		}
	}
	if c := floatFormat([]float64{1.0 / 3})(1.0 / 3); c.full != "0.3333333333333333" {
		t.Errorf("full %q", c.full)
	}
}

func TestNumbers(t *testing.T) {
	for got, want := range map[string]string{
		grouped(0): "0", grouped(999): "999", grouped(-1234567): "-1,234,567", grouped(336776): "336,776",
		byteText(999): "999 B", byteText(1000): "1.0 kB", byteText(123_456_789): "123 MB", byteText(9_990_000): "10 MB",
		countText(2_345_678): "2.3 M", countText(12): "12",
		durationText(-1): "0 s", durationText(0): "1 ms", durationText(85 * time.Millisecond): "85 ms",
		durationText(4234 * time.Millisecond): "4.2 s", durationText(42 * time.Second): "42 s",
		durationText(59700 * time.Millisecond): "1 min 0 s",
		durationText(185 * time.Second):        "3 min 5 s", durationText(130 * time.Minute): "2 h 10 min",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range hard {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		mem := checked(t)
		b := array.NewRecordBuilder(mem, arrow.NewSchema([]arrow.Field{{Name: s, Type: arrow.BinaryTypes.String}}, nil))
		b.Field(0).(*array.StringBuilder).Append(s)
		var st state
		st.apply(batch.Snapshot{Record: b.NewRecord(), Rows: 1, Final: true})
		b.Release()
		st.err = errors.New(s)
		out := st.bundle(1)
		st.release()
		checkKept(t, out.Data["text/html"].(string))
		checkText(t, strings.SplitN(out.Data["text/plain"].(string), "\nerror", 2)[0])
		if c := shorten(clean(s), 20); width(c) > 20 {
			t.Errorf("width %d of %q", width(c), c)
		}
		v, ok := Value(t.Context(), map[string]any{s: []any{s, struct{ A string }{s}}})
		if !ok {
			t.Error("nothing to show")
		}
		checkKept(t, v.Data["text/html"].(string))
		checkText(t, v.Data["text/plain"].(string))
	})
}
