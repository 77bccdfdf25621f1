; Setting the adapter up (function 12h, by BL) and which displays there are (1Ah).

setup_service:
        mov  ah, al                     ; functions find their argument in AH
        mov  al, bl
        mov  si, .functions
        jmp  sub_function

.functions:
        service 0x10, get_adapter
        service 0x20, use_print_screen
        service 0x30, set_text_lines
        service 0x31, set_palette_loading
        service 0x32, set_video_enable
        service 0x33, set_grey_summing
        service 0x34, set_cursor_fitting
        service 0x36, set_refresh
        db   0xFF

supported:
        mov  byte [bp + frame_al], 0x12
nothing_else:
        ret

; ---- BL = 10h: BH = 1 if mono, BL = memory, CX = feature bits and switches ---
get_adapter:
        mov  bx, 0x0003                 ; 256 KiB
        cmp  byte [bda_crtc], 0xB4
        jne  .colour
        inc  bh
.colour:
        mov  [bp + frame_bx], bx
        mov  al, [bda_switches]
        mov  ah, al
        mov  cl, 4
        shr  ah, cl
        and  al, 0x0F
        mov  [bp + frame_cx], ax
        ret

; ---- BL = 20h: print screen for any number of rows ---------------------------
use_print_screen:
        mov  word [vector(5)], print_screen
        mov  [vector(5) + 2], cs
        ret

; INT 5: the text on show to the first printer. 0050:0000 = 1 while it goes on, then
; 0, or FFh if the printer did not take it.
print_screen:
        sti
        cld
        push ax
        push bx
        push cx
        push dx
        push ds
        xor  ax, ax
        mov  ds, ax
        cmp  byte [0x500], 1
        je   .end
        mov  byte [0x500], 1
        mov  ah, 0x0F
        int  0x10                       ; BH = page
        mov  ah, 0x03
        int  0x10
        push dx                         ; where the cursor was
        call .line_end
        jc   .failed
        xor  dx, dx
.next:  mov  ah, 0x02
        int  0x10
        mov  ah, 0x08
        int  0x10
        or   al, al
        jnz  .print
        mov  al, ' '
.print: call .send
        jc   .failed
        inc  dl
        cmp  dl, [bda_columns]
        jb   .next
        mov  dl, 0
        call .line_end
        jc   .failed
        inc  dh
        cmp  dh, [bda_rows]
        jbe  .next
        mov  byte [0x500], 0
        jmp  .restore
.failed:
        mov  byte [0x500], 0xFF
.restore:
        pop  dx
        mov  ah, 0x02
        int  0x10
.end:   pop  ds
        pop  dx
        pop  cx
        pop  bx
        pop  ax
        iret
.line_end:
        mov  al, 13
        call .send
        jc   .sent
        mov  al, 10
.send:  push dx
        xor  dx, dx
        mov  ah, 0
        int  0x17
        pop  dx
        test ah, 0x29                   ; out of paper, error or time-out
        jz   .sent
        stc
.sent:  ret

; ---- BL = 30h: AL = 0: 200 lines, 1: 350, 2: 400, from the next text mode on -
set_text_lines:
        cmp  ah, 2
        ja   nothing_else
        mov  bl, ah
        xor  bh, bh
        mov  al, [bda_vga_flags]
        and  al, 0xFF - vga_lines
        or   al, [cs:.flags + bx]
        mov  [bda_vga_flags], al
        jmp  supported
.flags: db   vga_200_lines, 0, vga_400_lines

; ---- BL = 31h, 33h: AL = 0 switches on, 1 off --------------------------------
set_palette_loading:
        mov  bx, vga_keep_palette       ; the flag says: off
        jmp  set_vga_flag
set_grey_summing:
        xor  ah, 1                      ; the flag says: on
        mov  bx, vga_grey
set_vga_flag:
        cmp  ah, 1
        ja   nothing_else
        mov  al, [bda_vga_flags]
        not  bl
        and  al, bl
        not  bl
        or   ah, ah
        jz   .set
        or   al, bl
.set:   mov  [bda_vga_flags], al
        jmp  supported

; ---- BL = 32h: AL = 0: video memory answers, 1: it does not ------------------
set_video_enable:
        cmp  ah, 1
        ja   nothing_else
        mov  dx, 0x3CC
        in   al, dx
        and  al, 0xFD
        xor  ah, 1
        shl  ah, 1
        or   al, ah
        mov  dx, port_misc
        out  dx, al
        jmp  supported

; ---- BL = 34h: AL = 0: cursor lines are fitted to the characters, 1: literal -
set_cursor_fitting:
        cmp  ah, 1
        ja   nothing_else
        and  byte [bda_control], 0xFF - control_own_cursor
        or   [bda_control], ah
        jmp  supported

; ---- BL = 36h: AL = 0: the screen is refreshed, 1: it is dark ----------------
set_refresh:
        cmp  ah, 1
        ja   nothing_else
        mov  cl, 5
        shl  ah, cl
        mov  bl, ah
        mov  dx, port_sequencer
        mov  al, 1
        call read_indexed
        and  al, 0xDF
        or   al, bl
        mov  ah, al
        mov  al, 1
        out  dx, ax
        jmp  supported

; ---- 1Ah: AL = 0: BL = active display, BH = the other; 1: set them -----------
display_combination:
        cmp  al, 1
        ja   nothing_else
        je   .set
        mov  al, [bda_display_code]
        xor  ah, ah
        mov  [bp + frame_bx], ax
        jmp  .done
.set:   mov  [bda_display_code], bl
.done:  mov  byte [bp + frame_al], 0x1A
        ret
