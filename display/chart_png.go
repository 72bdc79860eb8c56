package display

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
)

// encodeChart writes a drawing of so many series as PNG. Its colours are those of the series and black, mixed with white where
// edges are smoothed: as a palette they take a third of the bytes.
func encodeChart(m image.Image, series int) ([]byte, error) {
	palette := chartPalette(series)
	out := image.NewPaletted(m.Bounds(), palette)
	known := map[color.RGBA]uint8{}
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, _ := m.At(x, y).RGBA()
			c := color.RGBA{R: uint8(r >> 8), G: uint8(g >> 8), B: uint8(bl >> 8), A: 255}
			i, ok := known[c]
			if !ok {
				i = uint8(palette.Index(c))
				known[c] = i
			}
			out.SetColorIndex(x, y, i)
		}
	}
	var buf bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&buf, out)
	return buf.Bytes(), err
}

// chartPalette is white, and as many steps from it to black and to each colour as 256 entries allow.
func chartPalette(series int) color.Palette {
	steps := min(255/(series+1), 24)
	p := color.Palette{color.RGBA{R: 255, G: 255, B: 255, A: 255}}
	mixed := func(c color.Color) {
		r, g, b, _ := c.RGBA()
		for k := 1; k <= steps; k++ {
			mix := func(v uint32) uint8 { return uint8(255 - (255-int(v>>8))*k/steps) }
			p = append(p, color.RGBA{R: mix(r), G: mix(g), B: mix(b), A: 255})
		}
	}
	mixed(color.Black)
	for i := range series {
		mixed(seriesColor(i, series))
	}
	return p
}
