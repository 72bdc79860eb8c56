package parquet

import "fmt"

// Skip passes over the next rows rows, which the group has. Pages of which no row is read are not decompressed.
func (c *Column) Skip(rows int) { c.behind += int64(rows) }

// settle takes the next page, or passes over what is to be passed over in this one.
func (c *Column) settle() error {
	if c.inPage == 0 {
		if err := c.jump(); err != nil {
			return err
		}
		if err := c.nextPage(); err != nil {
			return fmt.Errorf("page %d: %w", c.pages.index, err)
		}
		return nil
	}
	n := int(min(c.behind, int64(c.inPage)))
	if n < c.inPage { // else what is left of the page is not looked at
		if err := c.passOver(n); err != nil {
			return fmt.Errorf("page %d: its values: %w", c.pages.index, err)
		}
	}
	c.behind -= int64(n)
	c.left -= int64(n)
	c.inPage -= n
	return nil
}

// passOver passes over n rows of the page.
func (c *Column) passOver(n int) error {
	if c.levels.none {
		return c.values.skip(n)
	}
	for n > 0 {
		k := min(n, levelRows)
		_, set, err := c.present(k)
		if err != nil {
			return err
		}
		if err := c.values.skip(set); err != nil {
			return err
		}
		n -= k
	}
	return nil
}
