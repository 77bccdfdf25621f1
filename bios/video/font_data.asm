; The three fonts, 8x16, 8x14 and 8x8, all from one description in font_shapes.inc.
;
; A glyph is drawn on 16 lines: capitals stand on lines 2 to 11, small letters on 5 to 11,
; tails reach down to 14. The lower fonts follow by rule: equal lines that follow each
; other are one stroke, and the longest stroke is the one that can best do without a line.
;   8x14  loses one line of 2-11, and the last
;   8x8   loses lines 0-1, one of 2-4, two of 5-11, and keeps one of 12-15
; Where that does not look well, `tiny` draws the eight lines again.
; Frames, shades and blocks are computed.

; Bits of a drawn line "#.#" into row_value; what is missing on the right is dark.
%macro draw_row 1
    %assign row_value 0
    %strlen row_length %1
    %assign row_column 1
    %rep row_length
        %substr row_dot %1 row_column
        %if row_dot == '#'
            %assign row_value row_value | (0x100 >> row_column)
        %endif
        %assign row_column row_column + 1
    %endrep
%endmacro

; Lines from number %1 on; a number means that the line before it stands so many times.
%macro draw_rows 1-*
    %assign drawn_line %1
    %rep %0 - 1
        %rotate 1
        %ifstr %1
            draw_row %1
            %assign row_%[drawn_line] row_value
            %assign drawn_line drawn_line + 1
        %else
            %assign row_again %1 - 1
            %rep row_again
                %assign row_%[drawn_line] row_value
                %assign drawn_line drawn_line + 1
            %endrep
        %endif
    %endrep
    %if drawn_line > 16
        %error glyph font_code is too tall
    %endif
%endmacro

%macro clear_rows 0
    %assign clear_line 0
    %rep 16
        %assign row_%[clear_line] 0
        %assign clear_line clear_line + 1
    %endrep
%endmacro

; Take one line out of lines %1 to %2 of row_0..15: the last of the longest stroke, or,
; if no two lines are equal, line %3. What is below moves up.
%macro cut_row 3
    %assign cut_line %3
    %assign cut_best 1
    %assign cut_run 1
    %assign cut_at %1 + 1
    %rep %2 - %1
        %assign cut_before cut_at - 1
        %if row_%[cut_at] == row_%[cut_before]
            %assign cut_run cut_run + 1
            %if cut_run > cut_best
                %assign cut_best cut_run
                %assign cut_line cut_at
            %endif
        %else
            %assign cut_run 1
        %endif
        %assign cut_at cut_at + 1
    %endrep
    %assign cut_at cut_line
    %rep 15 - cut_line
        %assign cut_next cut_at + 1
        %assign row_%[cut_at] row_%[cut_next]
        %assign cut_at cut_at + 1
    %endrep
    %assign row_15 0
%endmacro

; Fit row_0..15 to the font's height.
%macro fit_height 0
    %if font_height == 14
        cut_row 2, 11, 7
    %elif font_height == 8
        %assign tail 0
        %if row_12 != 0
            %assign tail row_12
        %endif
        %if row_13 != 0
            %assign tail row_13
        %endif
        %if row_14 != 0
            %assign tail row_14
        %endif
        cut_row 5, 11, 7
        cut_row 5, 10, 8
        cut_row 2, 4, 3
        %assign row_0 row_2
        %assign row_1 row_3
        %assign row_2 row_4
        %assign row_3 row_5
        %assign row_4 row_6
        %assign row_5 row_7
        %assign row_6 row_8
        %assign row_7 tail
    %endif
%endmacro

; What was drawn goes into the font when the next glyph begins; a short font ends at font_limit.
%ifndef font_limit
    %define font_limit 256
%endif
%macro finish_glyph 0
    %if font_code >= 0 && font_code < font_limit
        %assign finish_line 0
        %rep font_height
            db row_%[finish_line]
            %assign finish_line finish_line + 1
        %endrep
    %endif
    %assign font_code font_code + 1
%endmacro

%macro begin_glyph 1
    finish_glyph
    %if font_code != %1
        %error a glyph is missing before %1
    %endif
    clear_rows
%endmacro

; glyph CODE, FIRST LINE, lines...
%macro glyph 2-*
    begin_glyph %1
    draw_rows %{2:-1}
    %assign keep_line 0
    %rep 16                             ; as it was drawn, for letters with marks
        %assign glyph_%[font_code]_%[keep_line] row_%[keep_line]
        %assign keep_line keep_line + 1
    %endrep
    fit_height
%endmacro

; The same glyph for 8x8.
%macro tiny 2-*
    %if font_height == 8
        clear_rows
        draw_rows %{1:-1}
    %endif
%endmacro

; Its mark for 8x8, on lines 0 and 1.
%macro tiny_mark 1-2 ""
    %if font_height == 8
        draw_rows 0, %1, %2
    %endif
%endmacro

; The letter %2 with a mark: its lines from 5 on, the mark above.
%macro small_with 4-*
    begin_glyph %1
    %assign base_code %2
    %assign keep_line 5
    %rep 11
        %assign row_%[keep_line] glyph_%[base_code]_%[keep_line]
        %assign keep_line keep_line + 1
    %endrep
    draw_rows %{3:-1}
    fit_height
%endmacro

; Marks stand on lines 1-3 over the letter; in 8x8 on 0-1.
%macro umlaut 2
        small_with %1, %2, 2, ".##.##.", 2
        tiny_mark ".##.##."
%endmacro
%macro acute 2
        small_with %1, %2, 2, "....##.", "...##.."
        tiny_mark "....##."
%endmacro
%macro grave 2
        small_with %1, %2, 2, ".##....", "..##..."
        tiny_mark ".##...."
%endmacro
%macro roof 2
        small_with %1, %2, 2, "..###..", ".##.##."
        tiny_mark "..###.."
%endmacro
%macro ring 2
        small_with %1, %2, 1, "..###..", ".##.##.", "..###.."
        tiny_mark "..###..", "..#.#.."
%endmacro
%macro tilde 2
        small_with %1, %2, 2, ".###.##", "##.###."
        tiny_mark ".#####."
%endmacro

; A capital with a mark: one line shorter, the mark on lines 0 and 1.
%macro capital_with 3-*
    begin_glyph %1
    %assign base_code %2
    %assign keep_line 0
    %rep 16
        %assign row_%[keep_line] glyph_%[base_code]_%[keep_line]
        %assign keep_line keep_line + 1
    %endrep
    cut_row 2, 11, 7
    %assign keep_line 11
    %rep 9                              ; back down onto the line
        %assign keep_above keep_line - 1
        %assign row_%[keep_line] row_%[keep_above]
        %assign keep_line keep_line - 1
    %endrep
    %assign row_2 0
    draw_rows 0, %{3:-1}
    fit_height
%endmacro

; ---- computed ----------------------------------------------------------------

; A frame: weight of the arms up, right, down, left: 0 none, 1 single, 2 double.
; Single strokes are columns 3-4 and the middle line; double ones columns 1-2 and 5-6 and
; the lines next to the middle. A stroke runs through where the opposite arm goes on,
; turns where the arm beside it is double too, and else ends at what it meets.
%define frame_mid ((font_height - 1) / 2)

; Does a line of the vertical pair stand on line %1, the arm on its own side having
; weight %2, the other side %3? Arms up and down are frame_u and frame_d.
%macro frame_upright 4                  ; line, own side, other side, mask
    %if frame_u == 2
        %assign frame_end frame_mid
        %if %2 == 2
            %assign frame_end frame_mid - 1
        %elif frame_d != 2 && %3 == 2
            %assign frame_end frame_mid + 1
        %endif
        %if %1 <= frame_end
            %assign frame_row frame_row | %4
        %endif
    %endif
    %if frame_d == 2
        %assign frame_start frame_mid
        %if %2 == 2
            %assign frame_start frame_mid + 1
        %elif frame_u != 2 && %3 == 2
            %assign frame_start frame_mid - 1
        %endif
        %if %1 >= frame_start
            %assign frame_row frame_row | %4
        %endif
    %endif
%endmacro

; One line of the horizontal pair, the arm on its own side (up or down) having weight %1,
; the other %2.
%macro frame_level 2
    %if frame_l == 2
        %if %1 == 2
            %assign frame_row frame_row | 0xE0
        %elif frame_r == 2
            %assign frame_row 0xFF
        %elif %2 == 2
            %assign frame_row frame_row | 0xFE
        %else
            %assign frame_row frame_row | 0xF8
        %endif
    %endif
    %if frame_r == 2
        %if %1 == 2
            %assign frame_row frame_row | 0x07
        %elif frame_l == 2
            %assign frame_row 0xFF
        %elif %2 == 2
            %assign frame_row frame_row | 0x7F
        %else
            %assign frame_row frame_row | 0x1F
        %endif
    %endif
%endmacro

%macro frame 5                          ; code, up, right, down, left
    begin_glyph %1
    %assign frame_u %2
    %assign frame_r %3
    %assign frame_d %4
    %assign frame_l %5
    %assign frame_line 0
    %rep font_height
        %assign frame_row 0
        ; upright, single
        %if frame_u == 1
            %assign frame_end frame_mid
            %if frame_d != 1
                %if frame_l == 2 && frame_r == 2
                    %assign frame_end frame_mid - 1
                %elif frame_l == 2 || frame_r == 2
                    %assign frame_end frame_mid + 1
                %endif
            %endif
            %if frame_line <= frame_end
                %assign frame_row frame_row | 0x18
            %endif
        %endif
        %if frame_d == 1
            %assign frame_start frame_mid
            %if frame_u != 1
                %if frame_l == 2 && frame_r == 2
                    %assign frame_start frame_mid + 1
                %elif frame_l == 2 || frame_r == 2
                    %assign frame_start frame_mid - 1
                %endif
            %endif
            %if frame_line >= frame_start
                %assign frame_row frame_row | 0x18
            %endif
        %endif
        ; upright, double
        frame_upright frame_line, frame_l, frame_r, 0x60
        frame_upright frame_line, frame_r, frame_l, 0x06
        ; level, single
        %if frame_line == frame_mid
            %if frame_l == 1
                %if frame_r == 1
                    %assign frame_row 0xFF
                %elif frame_u == 2 && frame_d == 2
                    %assign frame_row frame_row | 0xE0
                %elif frame_u == 2 || frame_d == 2
                    %assign frame_row frame_row | 0xFE
                %else
                    %assign frame_row frame_row | 0xF8
                %endif
            %elif frame_r == 1
                %if frame_u == 2 && frame_d == 2
                    %assign frame_row frame_row | 0x07
                %elif frame_u == 2 || frame_d == 2
                    %assign frame_row frame_row | 0x7F
                %else
                    %assign frame_row frame_row | 0x1F
                %endif
            %endif
        %endif
        ; level, double
        %if frame_line == frame_mid - 1
            frame_level frame_u, frame_d
        %elif frame_line == frame_mid + 1
            frame_level frame_d, frame_u
        %endif
        %assign row_%[frame_line] frame_row
        %assign frame_line frame_line + 1
    %endrep
%endmacro

%macro shade 3                          ; code, even lines, odd lines
    begin_glyph %1
    %assign shade_line 0
    %rep font_height
        %if shade_line & 1
            %assign row_%[shade_line] %3
        %else
            %assign row_%[shade_line] %2
        %endif
        %assign shade_line shade_line + 1
    %endrep
%endmacro

%macro block 3                          ; code, upper half, lower half
    begin_glyph %1
    %assign shade_line 0
    %rep font_height
        %if shade_line < font_height / 2
            %assign row_%[shade_line] %2
        %else
            %assign row_%[shade_line] %3
        %endif
        %assign shade_line shade_line + 1
    %endrep
%endmacro

; ---- the fonts ---------------------------------------------------------------
%macro font 1
    %assign font_height %1
    %assign font_code -1
    %include "font_shapes.inc"
    finish_glyph
    %if font_code != 256
        %error a font has 256 glyphs
    %endif
%endmacro

%ifndef font_rules_only
font_8x16:
        font 16
font_8x14:
        font 14
font_8x8:
        font 8

; Glyphs that differ where a character is nine dots wide: none, ours are at home in both.
font_9x14:
font_9x16:
        db   0
%endif
