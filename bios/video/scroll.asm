; Scrolling a window: functions 06h (up) and 07h (down), in every mode.
;
; Each class of mode says where the window's first byte is, how far apart its lines are,
; how many bytes are moved in each and how many lines make a row of characters. Then one
; routine moves lines and fills the ones that became free.

scroll_window:
        jmp  scroll

; AL = rows (0: clear), AH = 06h or 07h, BH = what to fill with, CX = upper left,
; DX = lower right. Keeps BP and DS only.
%define scroll_pitch  word [bp - 2]
%define scroll_lines  word [bp - 4]     ; of a row
%define scroll_width  word [bp - 6]     ; bytes
%define scroll_moved  word [bp - 8]     ; rows that move
%define scroll_filled word [bp - 10]    ; rows that are filled
%define scroll_fill   byte [bp - 12]
%define scroll_down   byte [bp - 11]
%define scroll_class  word [bp - 14]
scroll:
        push bp
        mov  bp, sp
        sub  sp, 14
        mov  scroll_fill, bh
        and  ah, 1
        mov  scroll_down, ah
        cmp  dh, [bda_rows]             ; only what there is
        jbe  .rows_fit
        mov  dh, [bda_rows]
.rows_fit:
        cmp  dl, [bda_columns]
        jb   .columns_fit
        mov  dl, [bda_columns]
        dec  dl
.columns_fit:
        sub  dh, ch
        jb   .done
        sub  dl, cl
        jb   .done
        inc  dh                         ; rows
        inc  dl                         ; columns
        mov  bl, dh
        xor  bh, bh
        xor  ah, ah
        or   al, al
        jz   .all
        cmp  al, dh
        jbe  .some
.all:   mov  al, dh
.some:  mov  scroll_filled, ax
        sub  bx, ax
        mov  scroll_moved, bx
        xor  dh, dh
        mov  scroll_width, dx
        call find_class
        mov  scroll_class, si
        mov  ax, [bda_columns]
        mov  scroll_pitch, ax
        mov  ax, [bda_char_height]
        mov  scroll_lines, ax
        mov  bx, cx                     ; BH = row, BL = column
        call [cs:.prepare + si]
.done:  xor  ax, ax
        mov  ds, ax
        mov  sp, bp
        pop  bp
        ret

.prepare:
        dw   .text, .cga4, .cga2, .planar, .linear

.text:  mov  scroll_lines, 1
        shl  scroll_pitch, 1
        shl  scroll_width, 1
        call text_segment
        call .first
        xor  bh, bh
        shl  bx, 1
        add  di, bx
        add  di, [bda_page_start]
        jmp  scroll_lines_of_window

.cga4:  shl  scroll_width, 1            ; eight pixels of two bits
        mov  al, 2
        jmp  .banks
.cga2:  mov  al, 1
.banks: mov  scroll_pitch, 80
        mov  scroll_lines, 4            ; in each bank
        mul  bl
        push ax
        call .first
        pop  ax
        add  di, ax
        mov  ax, 0xB800
        mov  es, ax
        push di
        push scroll_moved
        push scroll_filled
        call scroll_lines_of_window
        pop  scroll_filled
        pop  scroll_moved
        pop  di
        add  di, 0x2000
        xor  ax, ax
        mov  ds, ax
        jmp  scroll_lines_of_window

.planar:
        call .first
        xor  bh, bh
        add  di, bx
        add  di, [bda_page_start]
        mov  ax, 0xA000
        mov  es, ax
        call planar_begin
        set_register port_graphics, 5, 1 ; what the latches hold
        jmp  scroll_lines_of_window

.linear:
        mov  cl, 3
        shl  scroll_width, cl
        mov  scroll_pitch, 320
        call .first
        xor  bh, bh
        shl  bx, cl
        add  di, bx
        mov  ax, 0xA000
        mov  es, ax
        jmp  scroll_lines_of_window

; DI = offset of row BH.
.first: push bx
        mov  al, bh
        xor  ah, ah
        mul  scroll_lines
        mul  scroll_pitch
        mov  di, ax
        pop  bx
        ret

; ES:DI = the window's first byte.
scroll_lines_of_window:
        mov  bx, scroll_pitch
        mov  ax, scroll_filled
        mul  scroll_lines
        mov  scroll_filled, ax
        mul  bx
        mov  cx, ax                     ; how far lines move, in bytes
        mov  ax, scroll_moved
        mul  scroll_lines
        mov  scroll_moved, ax
        cmp  scroll_down, 0
        je   .up
        add  ax, scroll_filled          ; from the last line upwards
        dec  ax
        mul  bx
        add  di, ax
        neg  bx
        neg  cx
.up:    mov  si, di
        add  si, cx
        mov  dx, scroll_moved
        push es
        pop  ds
.move:  sub  dx, 1
        jb   .fill
        push si
        push di
        mov  cx, scroll_width
        cmp  scroll_class, class_planar
        je   .bytes                     ; a latch holds one address
        shr  cx, 1
        rep  movsw
        adc  cx, cx
.bytes: rep  movsb
        pop  di
        pop  si
        add  si, bx
        add  di, bx
        jmp  .move
.fill:  cmp  scroll_class, class_planar
        jne  .plain
        set_register port_graphics, 5, 0
        mov  ah, scroll_fill
        mov  al, 0                      ; set/reset
        out  dx, ax
        mov  ax, 0x0F01
        out  dx, ax
.plain: mov  ah, scroll_fill
        mov  al, ah
        cmp  scroll_class, class_text
        jne  .next
        mov  al, ' '
.next:  sub  scroll_filled, 1
        jb   .end
        push di
        mov  cx, scroll_width
        shr  cx, 1
        rep  stosw
        adc  cx, cx
        rep  stosb
        pop  di
        add  di, bx
        jmp  .next
.end:   cmp  scroll_class, class_planar
        jne  .done
        call planar_end
.done:  ret
