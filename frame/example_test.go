package frame_test

import (
	"fmt"

	"github.com/rivulet-go/rivulet/frame"
)

func ExampleFrame_GroupBy() {
	flights := frame.New(map[string]any{
		"carrier":   []string{"UA", "AA", "UA", "B6"},
		"dep_delay": []any{12, 75, nil, -3},
	})
	late := flights.GroupBy("carrier").Agg(frame.Mean("dep_delay").As("delay"), frame.Count()).Sort(frame.Desc("delay"))
	err := late.Each(func(r frame.Row) error {
		fmt.Println(r.String("carrier"), r.Float("delay"), r.Int("count"))
		return nil
	})
	fmt.Println(err)
	// Output:
	// AA 75 1
	// UA 12 2
	// B6 -3 1
	// <nil>
}

func ExampleFrame_Filter() {
	df := frame.New([]struct{ Name, City string }{{"Ann", "Oslo"}, {"Bo", "Rome"}, {"Cy", "Oslo"}})
	names, err := df.Filter(`City == "Oslo" && Name != "Cy"`).Strings("Name")
	fmt.Println(names, err)

	fmt.Println(df.Filter("city == 1").Err())
	// Output:
	// [Ann] <nil>
	// Filter: unknown column "city", did you mean "City"? (columns: Name, City)
}

func ExampleFrame_Schema() {
	fmt.Println(frame.New(map[string]any{"n": []int{1}, "x": []float64{0.5}}).WithColumn("big", "x > n").Schema())
	// Output:
	// n    int
	// x    float
	// big  bool
}
