package encode

import (
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// Physical types, as the format numbers them.
const (
	physicalBoolean = 0
	physicalInt32   = 1
	physicalInt64   = 2
	physicalFloat   = 4
	physicalDouble  = 5
	physicalBytes   = 6
	physicalFixed   = 7
)

// maxDepth is how deep a type may be nested, which readers have limits for.
const maxDepth = 30

// node is a field of the schema or what is within it.
type node struct {
	name     string
	typ      arrow.DataType
	optional bool
	repeated bool // the items of a list, which the format has a group for
	def, rep int  // the levels of a value of it that is there
	children []*node
	leaf     *leaf // nil of a group
	path     []string
}

// leaf is a column as the format has it.
type leaf struct {
	*node
	physical int
	width    int // of fixed-length bytes, in bytes
	order    order
	convert  converter
}

// newNode makes the tree below a field.
func newNode(f arrow.Field, parent *node) (*node, error) {
	n := &node{name: f.Name, typ: f.Type, optional: f.Nullable, def: parent.def, rep: parent.rep}
	n.path = append(append(n.path, parent.path...), f.Name)
	if f.Nullable || f.Type.ID() == arrow.NULL {
		n.optional = true
		n.def++
	}
	if len(n.path) > maxDepth {
		return nil, fmt.Errorf("it is nested deeper than %d groups", maxDepth)
	}
	switch t := f.Type.(type) {
	case *arrow.StructType:
		if t.NumFields() == 0 {
			return nil, errors.New("a struct without fields, which Parquet has not")
		}
		return n, n.add(n, t.Fields()...)
	case *arrow.MapType:
		items := n.items("key_value")
		key, value := t.KeyField(), t.ItemField()
		key.Name, key.Nullable, value.Name = "key", false, "value"
		return n, n.add(items, key, value)
	case arrow.ListLikeType:
		items := n.items("list")
		element := t.ElemField()
		element.Name = "element"
		return n, n.add(items, element)
	}
	l, err := newLeaf(n)
	n.leaf = l
	return n, err
}

// items adds the group that a list has for its items.
func (n *node) items(name string) *node {
	items := &node{name: name, repeated: true, def: n.def + 1, rep: n.rep + 1}
	items.path = append(append(items.path, n.path...), name)
	n.children = []*node{items}
	return items
}

func (n *node) add(to *node, fields ...arrow.Field) error {
	seen := map[string]bool{}
	for _, f := range fields {
		if seen[f.Name] {
			return fmt.Errorf("two of its fields are called %q", f.Name)
		}
		seen[f.Name] = true
		child, err := newNode(f, to)
		if err != nil {
			return err
		}
		to.children = append(to.children, child)
	}
	return nil
}

// leaves adds the leaves below n to those before.
func (n *node) leaves(before []*leaf) []*leaf {
	if n.leaf != nil {
		return append(before, n.leaf)
	}
	for _, c := range n.children {
		before = c.leaves(before)
	}
	return before
}

// newLeaf chooses how values of a type are stored.
func newLeaf(n *node) (*leaf, error) {
	l := &leaf{node: n}
	switch t := n.typ.(type) {
	case *arrow.BooleanType:
		l.physical, l.order = physicalBoolean, orderTruth
	case *arrow.Int8Type, *arrow.Int16Type, *arrow.Int32Type, *arrow.Date32Type, *arrow.Date64Type, *arrow.Time32Type, *arrow.NullType:
		l.physical, l.order = physicalInt32, orderSigned
	case *arrow.Uint8Type, *arrow.Uint16Type, *arrow.Uint32Type:
		l.physical, l.order = physicalInt32, orderUnsigned
	case *arrow.Int64Type, *arrow.Time64Type, *arrow.DurationType, *arrow.TimestampType:
		l.physical, l.order = physicalInt64, orderSigned
	case *arrow.Uint64Type:
		l.physical, l.order = physicalInt64, orderUnsigned
	case *arrow.Float32Type:
		l.physical, l.order = physicalFloat, orderFloat
	case *arrow.Float64Type:
		l.physical, l.order = physicalDouble, orderFloat
	case *arrow.Float16Type:
		l.physical, l.order, l.width = physicalFixed, orderNone, 2
	case *arrow.StringType, *arrow.LargeStringType, *arrow.StringViewType:
		l.physical, l.order = physicalBytes, orderText
	case *arrow.BinaryType, *arrow.LargeBinaryType, *arrow.BinaryViewType:
		l.physical, l.order = physicalBytes, orderBytes
	case *arrow.FixedSizeBinaryType:
		if t.ByteWidth <= 0 {
			return nil, errors.New("values of a fixed width of no bytes, which Parquet has not")
		}
		l.physical, l.order, l.width = physicalFixed, orderBytes, t.ByteWidth
	case *arrow.Decimal128Type:
		if t.Precision < 1 || t.Precision > decimal128.MaxPrecision || t.Scale < 0 || t.Scale > t.Precision {
			return nil, fmt.Errorf("decimals of %d digits, %d behind the point, which Parquet has not", t.Precision, t.Scale)
		}
		l.order = orderSigned
		switch {
		case t.Precision <= 9:
			l.physical = physicalInt32
		case t.Precision <= 18:
			l.physical = physicalInt64
		default:
			l.physical, l.width, l.order = physicalFixed, 16, orderDecimal
		}
	case *arrow.DictionaryType:
		words := *n
		words.typ = t.ValueType
		of, err := newLeaf(&words)
		if err != nil {
			return nil, err
		}
		of.node = n
		return of, nil
	default:
		return nil, fmt.Errorf("type %s can't be written to Parquet files", n.typ)
	}
	l.convert = converterOf(n.typ)
	return l, nil
}

// Converted types, as the format numbers them: what readers knew before logical types.
const (
	convertedUTF8, convertedMap, convertedList, convertedDecimal, convertedDate = 0, 1, 3, 5, 6
	convertedTimeMillis, convertedTimeMicros                                    = 7, 8
	convertedMillis, convertedMicros                                            = 9, 10
	convertedUint8, convertedInt8                                               = 11, 15
)

// writeSchema writes the nodes in depth-first order, as elements of a list.
func (n *node) writeSchema(t *thrift) {
	t.begin(0)
	if n.leaf != nil {
		t.int32(1, n.leaf.physical)
		if n.leaf.width > 0 {
			t.int32(2, n.leaf.width)
		}
	}
	switch {
	case n.repeated:
		t.int32(3, 2)
	case n.optional:
		t.int32(3, 1)
	default:
		t.int32(3, 0)
	}
	t.text(4, n.name)
	if n.leaf == nil {
		t.int32(5, len(n.children))
	}
	if n.typ != nil {
		typ := n.typ
		if d, ok := typ.(*arrow.DictionaryType); ok {
			typ = d.ValueType
		}
		writeType(t, typ)
	}
	t.end()
	for _, c := range n.children {
		c.writeSchema(t)
	}
}

// writeType writes the converted and the logical type.
func writeType(t *thrift, typ arrow.DataType) {
	logical := func(id int) { t.begin(10); t.empty(id); t.end() }
	integer := func(converted, bits int, signed bool) {
		t.int32(6, converted)
		t.begin(10)
		t.begin(10)
		t.b = append(t.b, 0x13, byte(bits)) // a byte, the field 1
		t.last[len(t.last)-1] = 1
		t.truth(2, signed)
		t.end()
		t.end()
	}
	switch typ := typ.(type) {
	case *arrow.Int8Type:
		integer(convertedInt8, 8, true)
	case *arrow.Int16Type:
		integer(convertedInt8+1, 16, true)
	case *arrow.Uint8Type:
		integer(convertedUint8, 8, false)
	case *arrow.Uint16Type:
		integer(convertedUint8+1, 16, false)
	case *arrow.Uint32Type:
		integer(convertedUint8+2, 32, false)
	case *arrow.Uint64Type:
		integer(convertedUint8+3, 64, false)
	case *arrow.StringType, *arrow.LargeStringType, *arrow.StringViewType:
		t.int32(6, convertedUTF8)
		logical(1)
	case *arrow.MapType:
		t.int32(6, convertedMap)
		logical(2)
	case arrow.ListLikeType:
		t.int32(6, convertedList)
		logical(3)
	case *arrow.Decimal128Type:
		t.int32(6, convertedDecimal)
		t.int32(7, int(typ.Scale))
		t.int32(8, int(typ.Precision))
		t.begin(10)
		t.begin(5)
		t.int32(1, int(typ.Scale))
		t.int32(2, int(typ.Precision))
		t.end()
		t.end()
	case *arrow.Date32Type, *arrow.Date64Type:
		t.int32(6, convertedDate)
		logical(6)
	case *arrow.Time32Type:
		writeTime(t, 7, arrow.Millisecond, false, convertedTimeMillis)
	case *arrow.Time64Type:
		writeTime(t, 7, typ.Unit, false, convertedTimeMillis)
	case *arrow.TimestampType:
		writeTime(t, 8, max(typ.Unit, arrow.Millisecond), typ.TimeZone != "", convertedMillis)
	case *arrow.NullType:
		logical(11)
	case *arrow.Float16Type:
		logical(15)
	}
}

// writeTime writes the logical type id, of times of a day or of instants. Those without a zone had no converted type.
func writeTime(t *thrift, id int, unit arrow.TimeUnit, adjusted bool, converted int) {
	if adjusted && unit != arrow.Nanosecond {
		t.int32(6, converted+int(unit-arrow.Millisecond))
	}
	t.begin(10)
	t.begin(id)
	t.truth(1, adjusted)
	t.begin(2)
	t.empty(1 + int(unit-arrow.Millisecond))
	t.end()
	t.end()
	t.end()
}
