; The cursor and the pages: functions 01h, 02h, 03h, 04h and 05h.

; ---- 01h: CH = first line, CL = last, CH bit 5 hides it ----------------------
set_cursor_shape:
use_cursor_shape:                   ; CX = shape
        mov  [bda_cursor_shape], cx
        and  cx, 0x3F1F
        call fit_cursor
        mov  dx, [bda_crtc]
        mov  al, 0x0A
        mov  ah, ch
        out  dx, ax
        mov  al, 0x0B
        mov  ah, cl
        out  dx, ax
        ret

; Programs give lines as for a CGA's eight-line characters. Unless they have asked to be
; taken literally, lines move to where they belong in a taller character: a bar at the
; bottom stays a bar of its thickness one line above the end, a block keeps its halves.
fit_cursor:
        test byte [bda_control], control_own_cursor
        jnz  .done
        cmp  word [bda_char_height], 8
        jbe  .done
        cmp  cl, 8                  ; not meant for eight lines
        jae  .done
        cmp  ch, 8                  ; nor this, or hidden
        jae  .done
        cmp  ch, cl                 ; wraps around: literal
        ja   .done
        mov  bx, [bda_char_height]
        cmp  cl, 4
        jb   .done                  ; a bar at the top
        cmp  ch, 4
        jb   .from_top
        mov  al, cl
        sub  al, ch
        cmp  al, 2
        ja   .half
        sub  bl, 9                  ; a bar: down by what is added, less one
        add  ch, bl
        add  cl, bl
        ret
.half:  mov  ch, bl
        shr  ch, 1
.from_top:
        sub  bl, 8
        add  cl, bl
.done:  ret

; ---- 02h: BH = page, DX = row and column -------------------------------------
set_cursor_position:
move_cursor:
        push bx
        mov  al, bh
        mov  bl, bh
        and  bx, 7
        shl  bx, 1
        mov  [bda_cursors + bx], dx
        pop  bx
        cmp  al, [bda_page]
        jne  .done
        mov  al, [bda_columns]
        mul  dh
        xor  dh, dh
        add  ax, dx
        mov  cx, [bda_page_start]
        shr  cx, 1                  ; two bytes a character
        add  cx, ax
        mov  dx, [bda_crtc]
        mov  al, 0x0E
        mov  ah, ch
        out  dx, ax
        mov  al, 0x0F
        mov  ah, cl
        out  dx, ax
.done:  ret

; DX = the cursor of page BH.
find_cursor:
        push bx
        mov  bl, bh
        and  bx, 7
        shl  bx, 1
        mov  dx, [bda_cursors + bx]
        pop  bx
        ret

; ---- 03h: CX = shape, DX = position of page BH -------------------------------
get_cursor:
        call find_cursor
        mov  [bp + frame_dx], dx
        mov  ax, [bda_cursor_shape]
        mov  [bp + frame_cx], ax
        ret

; ---- 04h: a VGA has no light pen ---------------------------------------------
get_light_pen:
        mov  byte [bp + frame_ah], 0
        ret

; ---- 05h: AL = the page to show ----------------------------------------------
set_page:
        cmp  al, 7
        ja   .done
        mov  [bda_page], al
        xor  ah, ah
        mul  word [bda_page_size]
        mov  [bda_page_start], ax
        call find_class
        cmp  si, class_planar
        jae  .start                 ; a plane counts bytes, the others count words
        shr  ax, 1
.start: mov  cx, ax
        mov  dx, [bda_crtc]
        mov  al, 0x0C
        mov  ah, ch
        out  dx, ax
        mov  al, 0x0D
        mov  ah, cl
        out  dx, ax
        mov  bh, [bda_page]
        call find_cursor
        jmp  move_cursor
.done:  ret
