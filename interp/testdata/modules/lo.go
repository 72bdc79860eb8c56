// get github.com/samber/lo@v1.53.0

package main

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/samber/lo"
	lom "github.com/samber/lo/mutable"
	lop "github.com/samber/lo/parallel"
)

type person struct {
	Name string
	Age  int
	City string
}

var people = []person{{"Ann", 31, "Rome"}, {"Bob", 25, "Oslo"}, {"Cid", 44, "Rome"}, {"Dee", 25, "Bern"}}

func sorted[K ~string | ~int, V any](m map[K]V) []string {
	var out []string
	for k, v := range m {
		out = append(out, fmt.Sprint(k, "=", v))
	}
	sort.Strings(out)
	return out
}

func lists() {
	n := []int{4, 1, 3, 1, 5, 9, 2, 6}
	fmt.Println(lo.Map(n, func(x, i int) string { return strconv.Itoa(x * i) }), lo.Filter(n, func(x, _ int) bool { return x%2 == 0 }))
	fmt.Println(lo.Reduce(n, func(sum, x, _ int) int { return sum + x }, 0), lo.ReduceRight(n, func(s string, x, _ int) string { return s + strconv.Itoa(x) }, ""))
	fmt.Println(lo.FlatMap(n[:3], func(x, _ int) []int { return []int{x, x} }), lo.Uniq(n), lo.UniqBy(n, func(x int) int { return x % 3 }))
	fmt.Println(lo.Chunk(n, 3), lo.Flatten([][]int{{1}, {2, 3}, nil}), lo.Interleave([]int{1, 4}, []int{2}, []int{3, 5}))
	fmt.Println(lo.Times(3, func(i int) string { return strings.Repeat("x", i) }), lo.RepeatBy(3, func(i int) int { return i * i }))
	fmt.Println(lo.Drop(n, 5), lo.DropRight(n, 5), lo.DropWhile(n, func(x int) bool { return x != 5 }), lo.Reject(n, func(x, _ int) bool { return x > 3 }))
	fmt.Println(lo.Count(n, 1), lo.CountBy(n, func(x int) bool { return x > 2 }), lo.Subset(n, 2, 3), lo.Slice(n, 6, 99), lo.Compact([]string{"a", "", "b"}))
	fmt.Println(lo.IsSorted(n), lo.Splice(n, 1, 100, 200), lo.Replace(n, 1, 0, 1), lo.ReplaceAll(n, 1, 0), lo.Reverse([]int{1, 2, 3}))
	fmt.Println(lo.Range(4), lo.RangeFrom(1, 3), lo.RangeWithSteps(0, 10, 3), lo.Clamp(15, 0, 10), lo.Sum(n), lo.Mean([]float64{1, 2, 4.5}), lo.Product(n[:4]))
	odd, even := lo.FilterReject(n, func(x, _ int) bool { return x%2 == 1 })
	fmt.Println(odd, even, lo.PartitionBy(n, func(x int) string { return lo.Ternary(x > 3, "big", "small") }))
	fmt.Println(lo.Window([]int{1, 2, 3, 4}, 2), lo.Sliding([]int{1, 2, 3, 4, 5}, 2, 2))
	lom.Reverse(n)
	fmt.Println(n, lom.Filter(slices.Clone(n), func(x int) bool { return x < 4 }))
}

func sets() {
	a, b := []int{0, 1, 2, 3, 4, 5}, []int{0, 2, 7}
	left, right := lo.Difference(a, b)
	fmt.Println(lo.Intersect(a, b), left, right, lo.Union(a, b), lo.Without(a, 2, 4), lo.WithoutEmpty(a), lo.Contains(a, 4), lo.Every(a, b), lo.Some(a, b), lo.None(a, []int{9}))
	fmt.Println(lo.ContainsBy(people, func(p person) bool { return p.Age > 40 }), lo.EveryBy(people, func(p person) bool { return p.Age > 24 }), lo.HasPrefix(a, []int{0, 1}))
	fmt.Println(lo.ElementsMatch([]int{1, 2, 2}, []int{2, 1, 2}), lo.ElementsMatch([]int{1}, []int{2}))
}

func maps() {
	byCity := lo.GroupBy(people, func(p person) string { return p.City })
	fmt.Println(sorted(byCity), sorted(lo.KeyBy(people, func(p person) int { return p.Age })))
	ages := lo.Associate(people, func(p person) (string, int) { return p.Name, p.Age })
	keys, values := lo.Keys(ages), lo.Values(ages)
	sort.Strings(keys)
	sort.Ints(values)
	fmt.Println(keys, values, lo.HasKey(ages, "Bob"), lo.ValueOr(ages, "Zed", -1), sorted(lo.Invert(map[string]int{"a": 1, "b": 2})))
	fmt.Println(sorted(lo.PickBy(ages, func(_ string, v int) bool { return v > 30 })), sorted(lo.OmitByKeys(ages, []string{"Ann"})), sorted(lo.Assign(map[string]int{"x": 1}, map[string]int{"x": 2, "y": 3})))
	fmt.Println(sorted(lo.MapKeys(ages, func(_ int, k string) string { return strings.ToLower(k) })), sorted(lo.MapValues(ages, func(v int, _ string) string { return fmt.Sprint(v, "y") })))
	entries := lo.Entries(map[string]int{"k": 7})
	fmt.Println(entries, entries[0].Key, lo.FromEntries(entries), sorted(lo.CountValues([]string{"a", "b", "a"})), sorted(lo.CountValuesBy(people, func(p person) string { return p.City })))
	list := lo.MapToSlice(ages, func(k string, v int) string { return k + strconv.Itoa(v) })
	sort.Strings(list)
	fmt.Println(list, sorted(lo.SliceToMap([]int{1, 2}, func(x int) (int, string) { return x, strings.Repeat("*", x) })))
}

func finding() {
	p, ok := lo.Find(people, func(p person) bool { return p.City == "Rome" })
	_, index, found := lo.FindIndexOf(people, func(p person) bool { return p.City == "Nowhere" })
	fmt.Println(p, ok, index, found, lo.IndexOf([]string{"a", "b"}, "b"), lo.FindOrElse([]int{1}, 9, func(x int) bool { return x > 1 }))
	fmt.Println(lo.MinBy(people, func(a, b person) bool { return a.Age < b.Age }), lo.MaxBy(people, func(a, b person) bool { return a.Age > b.Age }), lo.Max([]float64{1, 3, 2}), lo.Min([]string{"b", "a"}))
	fmt.Println(lo.First(people))
	last, _ := lo.Last([]int{1, 2})
	nth, err := lo.Nth([]int{1, 2}, 5)
	fmt.Println(last, nth, err, lo.NthOr([]int{1}, 3, -1), lo.FindDuplicates([]int{1, 2, 1, 3, 3}), lo.FindUniques([]int{1, 2, 1}))
	fmt.Println(lo.SumBy(people, func(p person) int { return p.Age }), lo.MeanBy(people, func(p person) float64 { return float64(p.Age) }), lo.FirstOrEmpty([]int{}), lo.Earliest(time.Unix(5, 0), time.Unix(3, 0)).Unix())
}

func tuples() {
	t := lo.T3("a", 1, true)
	a, b, c := t.Unpack()
	fmt.Println(t, a, b, c, lo.Zip2([]int{1, 2}, []string{"x"}), lo.ZipBy2([]int{1, 2}, []int{10, 20}, func(x, y int) int { return x * y }))
	xs, ys := lo.Unzip2([]lo.Tuple2[int, string]{lo.T2(1, "p"), {2, "q"}})
	fmt.Println(xs, ys, lo.CrossJoin2([]int{1, 2}, []string{"a", "b"}))
	fmt.Printf("%T %T %+v\n", t, lo.Tuple2[person, error]{}, lo.T2(people[0], 2))
}

func texts() {
	fmt.Println(lo.PascalCase("hello_world go"), lo.CamelCase("Hello World"), lo.KebabCase("helloWorld"), lo.SnakeCase("HelloWorld99"), lo.Capitalize("éCOLE"), lo.Words("helloWorld2day"))
	fmt.Println(lo.Ellipsis("Lorem Ipsum", 8), lo.ChunkString("abcdefg", 3), lo.Substring("hello", -4, 3), lo.RuneLength("héllo"), len(lo.RandomString(5, lo.LettersCharset)))
}

func control() {
	fmt.Println(lo.If(false, 1).ElseIf(true, 2).Else(3), lo.Switch[int, string](2).Case(1, "one").Case(2, "two").Default("many"), lo.TernaryF(true, func() int { return 4 }, func() int { panic("never") }))
	fmt.Println(*lo.ToPtr(5), lo.FromPtr[string](nil) == "", lo.FromPtrOr[int](nil, 8), lo.IsNil((*int)(nil)), lo.IsEmpty(0), lo.IsNotEmpty("x"), lo.CoalesceOrEmpty("", "", "z"), lo.Empty[float64]())
	fmt.Println(lo.Try(func() error { return errors.New("no") }), lo.Try(func() error { panic("caught") }))
	or, ok := lo.TryOr(func() (int, error) { return 0, errors.New("x") }, 7)
	fmt.Println(or, ok)
	val, ok := lo.TryWithErrorValue(func() error { panic("value") })
	fmt.Println(val, ok)
	tries, err := lo.Attempt(4, func(i int) error { return lo.Ternary(i < 2, errors.New("again"), nil) })
	fmt.Println(tries, err, lo.Must(strconv.Atoi("12")), lo.Validate(1 > 2, "wrong %d", 1))
	func() {
		defer func() { fmt.Println("must:", recover()) }()
		lo.Must0(errors.New("broken"), "while", 1)
	}()
	add := lo.Partial(func(a, b int) int { return a + b }, 10)
	fmt.Println(add(5), <-lo.Async(func() int { return 6 }))
	if e, ok := lo.ErrorsAs[*strconv.NumError](lo.Must1(func() (error, error) { _, err := strconv.Atoi("q"); return err, nil }())); ok {
		fmt.Println(e.Func, e.Num)
	}
}

func concurrency() {
	fmt.Println(lop.Map([]int{1, 2, 3}, func(x, _ int) int { return x * x }))
	groups := lop.GroupBy([]int{1, 2, 3, 4}, func(x int) bool { return x%2 == 0 })
	fmt.Println(groups[true], groups[false])
	ch := lo.SliceToChannel(2, []int{1, 2, 3})
	fmt.Println(lo.ChannelToSlice(ch), lo.ChannelToSlice(lo.Generator(2, func(yield func(int)) { yield(8); yield(9) })))
	s := lo.Synchronize()
	total := 0
	lo.ForEach([]int{1, 2, 3}, func(x, _ int) { s.Do(func() { total += x }) })
	fmt.Println(total)
}

func main() {
	lists()
	sets()
	maps()
	finding()
	tuples()
	texts()
	control()
	concurrency()
}
