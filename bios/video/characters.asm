; Characters at the cursor: reading (08h), writing (09h, 0Ah), teletype (0Eh) and
; strings (13h), in every mode. How graphics modes draw is in glyphs.asm.

; ES = where text lies.
text_segment:
        push ax
        mov  ax, 0xB800
        cmp  byte [bda_mode], 7
        jne  .set
        mov  ax, 0xB000
.set:   mov  es, ax
        pop  ax
        ret

; AX = offset of page BH. Spoils DX.
find_page:
        mov  al, bh
        and  ax, 7
        mul  word [bda_page_size]
        ret

; ES:DI = the cell at DX of page BH, text. Spoils AX, DX.
text_cell:
        call text_segment
        mov  al, [bda_columns]
        mul  dh
        xor  dh, dh
        add  ax, dx
        shl  ax, 1
        mov  di, ax
        call find_page
        add  di, ax
        ret

; ---- 08h: BH = page; AL = character, AH = attribute in text ------------------
read_character:
        call find_cursor
        call read_cell
        mov  [bp + frame_ax], ax
        ret

; AX = character and attribute at DX of page BH.
read_cell:
        call find_class
        cmp  si, class_text
        jne  read_glyph
        call text_cell
        mov  ax, [es:di]
        ret

; ---- 09h, 0Ah: AL = character, BL = attribute (0Ah: only in graphics), -------
;      BH = page, CX = how many; the cursor stays
write_character:
        call find_cursor
; AH = 0Ah: text keeps its attributes. DX = where. Keeps BX, DX.
write_cells:
        jcxz .done
        call find_class
        cmp  si, class_text
        jne  .graphics
        push dx
        push ax
        call text_cell
        pop  ax
        pop  dx
        cmp  ah, 0x0A
        je   .plain
        mov  ah, bl
        rep  stosw
.done:  ret
.plain: stosb
        inc  di
        loop .plain
        ret

.graphics:
        push dx
.next:  push ax
        push bx
        push cx
        push dx
        call draw_glyph
        pop  dx
        pop  cx
        pop  bx
        pop  ax
        inc  dl                         ; goes on in the next row
        cmp  dl, [bda_columns]
        jb   .more
        mov  dl, 0
        inc  dh
        cmp  dh, [bda_rows]
        ja   .full
.more:  loop .next
.full:  pop  dx
        ret

; ---- 0Eh: AL = character, BL = colour in graphics; on the page on show -------
teletype:
        mov  bh, [bda_page]
        mov  ah, 0x0A
        call find_cursor
        call put_character
        jmp  move_cursor

; AL at DX of page BH, AH and BL as for write_cells; control characters act.
; DX moves on. Keeps AX, BX, CX, BP.
put_character:
        push ax
        push cx
        cmp  al, 13
        ja   .print
        je   .return
        cmp  al, 10
        je   .feed
        cmp  al, 8
        je   .back
        cmp  al, 7
        jne  .print
        call bell
        jmp  .done
.return:
        mov  dl, 0
        jmp  .done
.back:  or   dl, dl
        jz   .done
        dec  dl
        jmp  .done
.print: mov  cx, 1
        push bp
        call write_cells
        pop  bp
        inc  dl
        cmp  dl, [bda_columns]
        jb   .done
        mov  dl, 0
.feed:  inc  dh
        cmp  dh, [bda_rows]
        jbe  .done
        mov  dh, [bda_rows]
        call feed_line
.done:  pop  cx
        pop  ax
        ret

; The whole screen one row up; what comes in has the attribute of where the cursor was.
; Only the page on show scrolls. Keeps BX, DX.
feed_line:
        push bx
        push dx
        xor  ax, ax
        call find_class
        cmp  si, class_text
        jne  .fill
        call text_cell
        mov  ah, [es:di + 1]
.fill:  mov  bh, ah
        xor  cx, cx
        mov  dh, [bda_rows]
        mov  dl, [bda_columns]
        dec  dl
        mov  ax, 0x0601
        call scroll
        pop  dx
        pop  bx
        ret

; A sixth of a second of 896 Hz. The time is taken from timer 0 itself, which runs on
; every PC whatever its speed and whether or not interrupts come.
bell:   push ax
        push bx
        push cx
        push dx
        mov  al, 0xB6
        out  0x43, al
        mov  ax, 1331
        out  0x42, al
        mov  al, ah
        out  0x42, al
        in   al, 0x61
        push ax
        or   al, 3
        out  0x61, al
        mov  cx, 6                      ; times that the count starts afresh
        xor  bx, bx
        xor  dx, dx                     ; gives up if the timer stands still
.count: pushf
        cli
        mov  al, 0
        out  0x43, al
        in   al, 0x40
        mov  ah, al
        in   al, 0x40
        popf
        xchg al, ah
        cmp  ax, bx
        mov  bx, ax
        ja   .afresh
        dec  dx
        jnz  .count
        jmp  .quiet
.afresh:
        xor  dx, dx
        loop .count
.quiet: pop  ax
        out  0x61, al
        pop  dx
        pop  cx
        pop  bx
        pop  ax
        ret

; ---- 13h: AL bit 0: the cursor follows, bit 1: attributes stand in the string;
;      BL = attribute, BH = page, CX = characters, DX = where, ES:BP = string --
write_string:
        cmp  al, 3
        ja   .done
        jcxz .done
        mov  si, [bp + frame_bp]
.next:  push ax
        push cx
        push es
        mov  ah, [es:si]
        inc  si
        test al, 2
        jz   .same
        mov  bl, [es:si]
        inc  si
.same:  mov  al, ah
        mov  ah, 0x09
        push si
        call put_character
        pop  si
        pop  es
        pop  cx
        pop  ax
        loop .next
        test al, 1
        jz   .done
        jmp  move_cursor
.done:  ret
