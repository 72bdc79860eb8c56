package encode

import (
	"encoding/binary"
	"fmt"
	"math"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
)

// column makes the column chunks of a leaf, one after the other.
type column struct {
	*leaf
	o          *Options
	compressor *compressor
	halt       *atomic.Bool
	bloom      bool

	scratch    scratch
	dictionary dictionary
	coding     bool // values of the page are numbers of the dictionary
	page       page
	chunk      chunk
}

func newColumn(l *leaf, o *Options, halt *atomic.Bool, bloom bool) *column {
	w := &column{leaf: l, o: o, compressor: compressorOf(o), halt: halt, bloom: bloom}
	w.dictionary.width = l.width
	switch l.physical {
	case physicalInt32, physicalFloat:
		w.dictionary.width = 4
	case physicalInt64, physicalDouble:
		w.dictionary.width = 8
	}
	w.begin()
	return w
}

// begin begins a column chunk.
func (c *column) begin() {
	if c.o.Serial { // one of many, that may have no such large row group again
		c.scratch, c.page, c.chunk = scratch{}, page{}, chunk{}
		c.dictionary = dictionary{width: c.dictionary.width}
	}
	c.coding = c.physical != physicalBoolean && !c.o.NoDictionary
	c.dictionary.reset()
	wide := c.physical == physicalInt64 || c.physical == physicalDouble
	c.chunk.reset(bounds{order: c.order, wide: wide})
	c.page.reset(bounds{order: c.order, wide: wide})
}

// levels are the definition and repetition levels of some values and nulls. Of a leaf that neither repeats nor lies in a group they are bits.
type levels struct {
	rows  int
	valid []byte // nil where nothing is null
	at    int    // the first bit
	defs  []uint32
	reps  []uint32
}

// flat says that the levels are bits.
func (l *leaf) flat() bool { return l.rep == 0 && l.def <= 1 && len(l.path) == 1 }

// addArray takes a flat leaf's array.
func (c *column) addArray(arr arrow.Array) error {
	l := levels{rows: arr.Len()}
	var at []int32
	if nulls := nullsOf(arr); nulls != nil {
		l.valid = nulls.bits
		at = nulls.at
		if !c.optional && len(at) < arr.Len() {
			return fmt.Errorf("it has nulls, which its schema says there are none of")
		}
	}
	return c.add(arr, at, l)
}

// add takes the values of an array at some places, or all, with their levels.
func (c *column) add(arr arrow.Array, at []int32, l levels) error {
	d, err := c.denseOf(&c.scratch, arr, at)
	if err != nil {
		return err
	}
	if c.bloom {
		c.chunk.hashes = d.appendHashes(c.chunk.hashes)
	}
	value, level := 0, 0
	for rows := l.rows; rows > 0; {
		if c.page.rows >= pageRows || c.pageFull() {
			if err := c.endPage(true); err != nil {
				return err
			}
		}
		step := min(rows, pageRows-c.page.rows)
		var levelsTaken, valuesTaken int
		if l.defs == nil {
			step = min(step, c.fitting(&d))
			levelsTaken, valuesTaken = step, step
			if l.valid != nil {
				valuesTaken = bitutil.CountSetBits(l.valid, l.at+level, step)
			}
			c.page.addBits(l, level, step, valuesTaken)
		} else {
			step, levelsTaken, valuesTaken = c.takeRows(l, level, step, c.fitting(&d))
			c.page.addLevels(l, level, step, levelsTaken, valuesTaken)
		}
		part := d.slice(value, valuesTaken)
		if err := c.addValues(&part); err != nil {
			return err
		}
		rows, level, value = rows-step, level+levelsTaken, value+valuesTaken
	}
	return nil
}

// takeRows finds how many of the next rows together have not many more than most values.
func (c *column) takeRows(l levels, at, rows, most int) (taken, levels, values int) {
	for i := at; i < len(l.defs); i++ {
		if i == at || l.reps == nil || l.reps[i] == 0 {
			if taken == rows || values >= most {
				return taken, i - at, values
			}
			taken++
		}
		if int(l.defs[i]) == c.def {
			values++
		}
	}
	return taken, len(l.defs) - at, values
}

// fitting is about how many values should come at once, so that neither the page nor the dictionary becomes much larger than it may be.
func (c *column) fitting(d *dense) int {
	room := c.o.pageBytes() - len(c.page.plain)
	if c.coding {
		room = dictionaryBytes
	}
	size := 8
	switch {
	case d.n == 0:
		return math.MaxInt
	case d.words != nil:
		size = 256 // not known before they are looked up
	case d.from != nil:
		size = 4 + int(d.to[d.n-1]-d.from[0])/d.n
	case d.fixed != nil:
		size = len(d.fixed) / d.n
	}
	return max(room/size, 1)
}

func (c *column) pageFull() bool {
	if c.coding {
		return c.dictionary.bytes() > dictionaryBytes
	}
	return len(c.page.plain) >= c.o.pageBytes()
}

// addValues appends values to the page.
func (c *column) addValues(d *dense) error {
	p := &c.page
	p.values += d.n
	if c.coding {
		from := len(p.codes)
		p.codes = c.dictionary.add(p.codes, d)
		if d.from != nil || d.words != nil || d.fixed != nil {
			p.boundsOfCodes(&c.dictionary, p.codes[from:])
			p.bounds.values += int64(d.n)
		} else {
			p.bounds.add(d)
		}
		return nil
	}
	if d.words != nil {
		n := d.n
		plain := dense{n: n, data: d.words.data, from: grow(&c.scratch.from, n), to: grow(&c.scratch.to, n)}
		for i, code := range d.codes {
			plain.from[i], plain.to[i] = d.words.from[code], d.words.to[code]
		}
		d = &plain
	}
	p.bounds.add(d)
	switch {
	case d.bits != nil:
		p.truths.copy(d.bits, d.bitAt, d.n)
	case d.words64 != nil:
		p.plain = append(p.plain, bytesOf(d.words64)...)
	case d.words32 != nil:
		p.plain = append(p.plain, bytesOf(d.words32)...)
	case d.from != nil:
		for i := range d.n {
			v := d.at(i)
			p.plain = append(binary.LittleEndian.AppendUint32(p.plain, uint32(len(v))), v...)
		}
	default:
		p.plain = append(p.plain, d.fixed...)
	}
	return nil
}

// endPage compresses the page and begins another. More says that values of the column chunk will follow.
func (c *column) endPage(more bool) error {
	p := &c.page
	if p.rows == 0 {
		return nil
	}
	if c.coding {
		rows := int64(p.values)
		if more {
			rows = c.o.groupRows()
		}
		count := c.dictionary.count
		if len(c.chunk.pages) == 0 && count > 0 && !worthwhile(p.values, count, float64(c.dictionary.bytes())/float64(count), rows) {
			p.plain = c.dictionary.appendPlain(p.plain, p.codes)
			p.codes = p.codes[:0]
			c.dictionary.reset()
			c.coding = false
		}
	}
	if err := c.chunk.add(p, c); err != nil {
		return err
	}
	if c.coding && c.dictionary.bytes() > dictionaryBytes {
		c.coding = false
	}
	p.reset(p.bounds)
	return nil
}

// coded says that the page refers to the dictionary. Some readers take no dictionaries without values: nulls alone refer to none.
func (c *column) coded() bool { return c.coding && c.dictionary.count > 0 }

// end ends the column chunk.
func (c *column) end() error {
	if err := c.endPage(false); err != nil {
		return err
	}
	return c.chunk.end(c)
}
