package std

import (
	"bufio"
	"encoding"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"reflect"
)

// MapTypes tells yaegi which interfaces a function looks for in its arguments of type any, and which larger wrapper may
// take the place of an interface's own where a value has the methods.
func MapTypes() map[reflect.Value][]reflect.Type {
	m := map[reflect.Value][]reflect.Type{}
	add := func(types []reflect.Type, functions ...any) {
		for _, f := range functions {
			m[reflect.ValueOf(f)] = types
		}
	}
	text := []reflect.Type{reflect.TypeFor[fmt.Formatter](), reflect.TypeFor[fmt.Stringer]()}
	add(text,
		fmt.Errorf, fmt.Fprint, fmt.Fprintf, fmt.Fprintln, fmt.Print, fmt.Printf, fmt.Println, fmt.Sprint, fmt.Sprintf, fmt.Sprintln,
		fmt.Append, fmt.Appendf, fmt.Appendln,
		log.Print, log.Printf, log.Println, log.Fatal, log.Fatalf, log.Fatalln, log.Panic, log.Panicf, log.Panicln)
	add([]reflect.Type{reflect.TypeFor[fmt.Scanner]()}, fmt.Scan, fmt.Scanf, fmt.Scanln)
	add([]reflect.Type{reflect.TypeFor[json.Marshaler](), reflect.TypeFor[encoding.TextMarshaler]()}, json.Marshal)
	add([]reflect.Type{reflect.TypeFor[json.Unmarshaler](), reflect.TypeFor[encoding.TextUnmarshaler]()}, json.Unmarshal)
	add([]reflect.Type{reflect.TypeFor[xml.Marshaler](), reflect.TypeFor[encoding.TextMarshaler]()}, xml.Marshal)
	add([]reflect.Type{reflect.TypeFor[xml.Unmarshaler](), reflect.TypeFor[encoding.TextUnmarshaler]()}, xml.Unmarshal)
	// The larger ones first.
	add([]reflect.Type{reflect.TypeFor[responseHijacker](), reflect.TypeFor[responseFlusher]()}, (*_net_http_ResponseWriter)(nil))
	add([]reflect.Type{reflect.TypeFor[readerWriterTo]()}, (*_io_Reader)(nil))
	add([]reflect.Type{reflect.TypeFor[writerReaderFrom]()}, (*_io_Writer)(nil))
	return m
}

// Wrappers of interfaces whose values the library asks for more methods.
type (
	responseFlusher struct {
		IValue       any
		WHeader      func() http.Header
		WWrite       func([]byte) (int, error)
		WWriteHeader func(int)
		WFlush       func()
	}
	responseHijacker struct {
		IValue       any
		WHeader      func() http.Header
		WWrite       func([]byte) (int, error)
		WWriteHeader func(int)
		WHijack      func() (net.Conn, *bufio.ReadWriter, error)
	}
	readerWriterTo struct {
		IValue   any
		WRead    func([]byte) (int, error)
		WWriteTo func(io.Writer) (int64, error)
	}
	writerReaderFrom struct {
		IValue    any
		WWrite    func([]byte) (int, error)
		WReadFrom func(io.Reader) (int64, error)
	}
)

func (w responseFlusher) Header() http.Header         { return w.WHeader() }
func (w responseFlusher) Write(b []byte) (int, error) { return w.WWrite(b) }
func (w responseFlusher) WriteHeader(status int)      { w.WWriteHeader(status) }
func (w responseFlusher) Flush()                      { w.WFlush() }

func (w responseHijacker) Header() http.Header         { return w.WHeader() }
func (w responseHijacker) Write(b []byte) (int, error) { return w.WWrite(b) }
func (w responseHijacker) WriteHeader(status int)      { w.WWriteHeader(status) }
func (w responseHijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.WHijack()
}

func (w readerWriterTo) Read(b []byte) (int, error)            { return w.WRead(b) }
func (w readerWriterTo) WriteTo(to io.Writer) (int64, error)   { return w.WWriteTo(to) }
func (w writerReaderFrom) Write(b []byte) (int, error)         { return w.WWrite(b) }
func (w writerReaderFrom) ReadFrom(r io.Reader) (int64, error) { return w.WReadFrom(r) }
