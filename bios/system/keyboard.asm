; IRQ 1, INT 09h: scan codes (set 1, as the controller translates them) become keys in the buffer.

shift_right     equ 0x01                ; bda.shift
shift_left      equ 0x02
shift_ctrl      equ 0x04
shift_alt       equ 0x08
lock_scroll     equ 0x10
lock_num        equ 0x20
lock_caps       equ 0x40
lock_insert     equ 0x80

held_left_ctrl  equ 0x01                ; bda.shift2
held_left_alt   equ 0x02
held_sysrq      equ 0x04
paused          equ 0x08
held_scroll     equ 0x10
held_num        equ 0x20
held_caps       equ 0x40
held_insert     equ 0x80

after_e1        equ 0x01                ; bda.keyboard
after_e0        equ 0x02
held_right_ctrl equ 0x04
held_right_alt  equ 0x08

irq1:
        push es
        push ds
        push di
        push si
        push dx
        push cx
        push bx
        push ax
        cld
        mov ds, [cs:bda_segment]
        in al, port_keyboard_data
        cmp al, 0xfa
        je .acknowledged
        cmp al, 0xfe
        je .resend
        sti
        mov ah, 0x4f                    ; programs may change or drop the code
        stc
        int 0x15
        cli
        mov ah, 0x20
        xchg al, ah
        out port_pic1, al               ; from here on with interrupts off, save where something takes long
        xchg al, ah
        jnc .done
        call scan_code
        cli
.done:
        call update_leds
        pop ax
        pop bx
        pop cx
        pop dx
        pop si
        pop di
        pop ds
        pop es
        iret
.acknowledged:
        or byte [bda.leds], 0x10
        call led_answer
        jmp .end
.resend:
        or byte [bda.leds], 0x20
.end:
        mov al, 0x20
        out port_pic1, al
        jmp .done

; ---- the lamps ----
; Setting them takes two bytes with an answer to each; the answers come as interrupts, so nothing waits.

; Starts an update where the locks and the lamps differ. DS = 40h. Changes AX.
update_leds:
        mov al, [bda.shift]
        rol al, 1
        rol al, 1
        rol al, 1
        rol al, 1
        and al, 0x07                    ; scroll, num, caps
        mov ah, [bda.leds]
        and ah, 0x07
        cmp al, ah
        je .same
        pushf
        cli
        and byte [bda.leds], 0xc8
        or [bda.leds], al
        or byte [bda.leds], 0x40
        push ds
        ds_ebda
        mov byte [ebda.led_step], 1
        pop ds
        mov al, 0xed
        call controller_data
        popf
.same:
        ret

; The keyboard acknowledged a byte.
led_answer:
        test byte [bda.leds], 0x40
        jz .done
        mov al, [bda.leds]
        and al, 0x07
        push ds
        ds_ebda
        cmp byte [ebda.led_step], 1
        mov byte [ebda.led_step], 2
        pop ds
        jne .complete
        jmp controller_data
.complete:
        and byte [bda.leds], 0xbf
.done:
        ret

; ---- scan codes ----

; Takes the scan code AL, with interrupts off.
scan_code:
        mov dl, [bda.keyboard]
        cmp al, 0xe0
        je .prefix_e0
        cmp al, 0xe1
        je .prefix_e1
        and byte [bda.keyboard], ~(after_e0 | after_e1)
        mov ah, al
        and al, 0x7f                    ; AL = key, AH bit 7 = released, DL = prefixes
        test dl, after_e1
        jnz .pause_sequence
        mov bx, shift_keys
.look:
        cmp byte [cs:bx], 0
        je .ordinary
        cmp al, [cs:bx]
        je .special
        add bx, 3
        jmp .look
.special:
        jmp [cs:bx + 1]
.prefix_e0:
        or byte [bda.keyboard], after_e0
        ret
.prefix_e1:
        or byte [bda.keyboard], after_e1
        ret
.pause_sequence:                        ; E1 1D 45, E1 9D C5
        cmp al, 0x1d
        jne .not_ctrl
        or byte [bda.keyboard], after_e1
        ret
.not_ctrl:
        cmp ah, 0x45
        je pause
        ret
.ordinary:
        test ah, ah
        js .released
        test byte [bda.shift2], paused
        jz .running
        and byte [bda.shift2], ~paused  ; a key ends the pause and is lost
.released:
        ret
.running:
        jmp translate_key

shift_keys:
        db 0x2a
        dw key_left_shift
        db 0x36
        dw key_right_shift
        db 0x1d
        dw key_ctrl
        db 0x38
        dw key_alt
        db 0x3a
        dw key_caps
        db 0x45
        dw key_num
        db 0x46
        dw key_scroll
        db 0x52
        dw key_insert
        db 0x53
        dw key_delete
        db 0x54
        dw key_sysrq
        db 0x37
        dw key_print
        db 0

; Sets (pressed) or clears (AH bit 7) the bits DH of bda.shift.
set_shift:
        test ah, ah
        js .released
        or [bda.shift], dh
        ret
.released:
        not dh
        and [bda.shift], dh
        ret
set_shift2:
        test ah, ah
        js .released
        or [bda.shift2], dh
        ret
.released:
        not dh
        and [bda.shift2], dh
        ret
set_keyboard:
        test ah, ah
        js .released
        or [bda.keyboard], dh
        ret
.released:
        not dh
        and [bda.keyboard], dh
        ret

key_left_shift:
        mov dh, shift_left
        jmp key_right_shift.either
key_right_shift:
        mov dh, shift_right
.either:
        test dl, after_e0               ; the keyboard's own shifts around grey keys do not count
        jnz .done
        call set_shift
.done:
        ret

key_ctrl:
        mov dh, held_left_ctrl
        test dl, after_e0
        jnz .right
        call set_shift2
        jmp .either
.right:
        mov dh, held_right_ctrl
        call set_keyboard
.either:
        and byte [bda.shift], ~shift_ctrl
        test byte [bda.shift2], held_left_ctrl
        jnz .on
        test byte [bda.keyboard], held_right_ctrl
        jz .done
.on:
        or byte [bda.shift], shift_ctrl
.done:
        ret

key_alt:
        mov dh, held_left_alt
        test dl, after_e0
        jnz .right
        call set_shift2
        jmp .either
.right:
        mov dh, held_right_alt
        call set_keyboard
.either:
        and byte [bda.shift], ~shift_alt
        test byte [bda.shift2], held_left_alt
        jnz .on
        test byte [bda.keyboard], held_right_alt
        jnz .on
        xor ax, ax                      ; both are up: what was spelt on the number pad is a key
        xchg al, [bda.alt_number]
        test al, al
        jz .done
        jmp store_key
.on:
        or byte [bda.shift], shift_alt
.done:
        ret

key_caps:
        mov bx, held_caps << 8 | lock_caps
        jmp toggle
key_num:
        test byte [bda.shift], shift_ctrl
        mov bx, held_num << 8 | lock_num
        jz toggle
        test ah, ah
        jns pause                       ; Ctrl-NumLock, on keyboards without a pause key
        ret
key_scroll:
        test dl, after_e0
        jnz .break                      ; E0 46 comes from Ctrl-Pause alone
        test byte [bda.shift], shift_ctrl
        mov bx, held_scroll << 8 | lock_scroll
        jz toggle
.break:
        test ah, ah
        jns break_key
        ret

; A lock key: BL = its lock, BH = its held bit. Changes the lock once per press.
toggle:
        test ah, ah
        js .released
        test [bda.shift2], bh
        jnz .repeated
        or [bda.shift2], bh
        xor [bda.shift], bl
.repeated:
        ret
.released:
        not bh
        and [bda.shift2], bh
        ret

key_insert:
        test ah, ah
        js .released
        test byte [bda.shift], shift_alt | shift_ctrl
        jnz .key
        test dl, after_e0
        jnz .insert
        call pad_is_digits
        jnz .key
.insert:
        test byte [bda.shift2], held_insert
        jnz .key
        or byte [bda.shift2], held_insert
        xor byte [bda.shift], lock_insert
.key:
        jmp scan_code.ordinary
.released:
        and byte [bda.shift2], ~held_insert
        ret

key_delete:
        test ah, ah
        js .ordinary
        mov dh, [bda.shift]
        and dh, shift_ctrl | shift_alt
        cmp dh, shift_ctrl | shift_alt
        jne .ordinary
        mov word [bda.reset_flag], 0x1234
        jmp reset_machine
.ordinary:
        jmp scan_code.ordinary

key_sysrq:
        mov dh, held_sysrq
        test ah, ah
        js .released
        test [bda.shift2], dh
        jnz .done
        or [bda.shift2], dh
        mov ax, 0x8500
        jmp .tell
.released:
        and byte [bda.shift2], ~held_sysrq
        mov ax, 0x8501
.tell:
        sti
        int 0x15
.done:
        ret

key_print:
        test dl, after_e0
        jnz .print
        jmp scan_code.ordinary          ; the pad's asterisk
.print:
        test ah, ah
        js .done
        test byte [bda.shift], shift_alt
        jnz .done
        test byte [bda.shift], shift_ctrl
        mov ax, 0x7200
        jnz store_key
        sti
        int 0x05
.done:
        ret

; NZ: the number pad gives digits. Changes DH.
pad_is_digits:
        mov dh, [bda.shift]
        test dh, shift_left | shift_right
        jz .no_shift
        xor dh, lock_num
.no_shift:
        test dh, lock_num
        ret

; Holds the machine until a key, with interrupts running.
pause:
        test byte [bda.shift2], paused
        jnz .done
        or byte [bda.shift2], paused
.wait:
        cli
        test byte [bda.shift2], paused
        jz .done
        call idle
        jmp .wait
.done:
        sti
        ret

break_key:
        mov ax, [bda.keys_start]        ; nothing typed before it counts
        mov [bda.key_head], ax
        mov [bda.key_tail], ax
        mov byte [bda.break], 0x80
        sti
        int 0x1b
        cli
        xor ax, ax
        jmp store_key

; ---- keys ----

; Translates the pressed key AL (DL: prefixes) and stores it.
translate_key:
        mov bl, [bda.shift]
        test dl, after_e0
        jnz .grey
        cmp al, last_key
        ja .none
        cmp al, 0x47
        jb .not_pad
        cmp al, 0x53
        jbe .pad
.not_pad:
        mov si, ax
        and si, 0x7f
        mov cl, 3
        shl si, cl                      ; four words per key
        add si, keys
        call pick_column
        test bl, shift_alt | shift_ctrl
        jnz .fetch
        test bl, lock_caps
        jz .fetch
        call is_letter
        jnz .fetch
        xor di, 2                       ; caps lock turns shift around for letters
.fetch:
        add si, di
        mov ax, [cs:si]
        test ax, ax
        jz .none
        jmp store_key
.none:
        ret
.grey:
        mov si, grey_keys
.look:
        cmp byte [cs:si], 0
        je .none
        cmp al, [cs:si]
        je .found
        add si, 9
        jmp .look
.found:
        inc si
        call pick_column
        jmp .fetch
.pad:
        test bl, shift_alt
        jz .pad_key
        mov si, ax
        and si, 0x7f
        mov cl, [cs:si + pad_digits - 0x47]
        cmp cl, 9
        ja .pad_key                     ; minus, plus
        mov al, [bda.alt_number]
        mov ah, 10
        mul ah
        add al, cl
        mov [bda.alt_number], al
        ret
.pad_key:
        mov si, ax
        and si, 0x7f
        mov cl, 3
        shl si, cl
        add si, keys
        test bl, shift_alt | shift_ctrl
        jnz .pad_shifted
        call pad_is_digits
        mov di, 0
        jz .fetch
        mov di, 2
        jmp .fetch
.pad_shifted:
        call pick_column
        jmp .fetch

; DI = offset of the column that Alt, Ctrl or Shift in BL select.
pick_column:
        mov di, 6
        test bl, shift_alt
        jnz .done
        mov di, 4
        test bl, shift_ctrl
        jnz .done
        mov di, 2
        test bl, shift_left | shift_right
        jnz .done
        mov di, 0
.done:
        ret

; Z: the key at CS:SI is a letter.
is_letter:
        mov al, [cs:si]
        cmp al, 'a'
        jb .no
        cmp al, 'z'
        ja .no
        cmp al, al
        ret
.no:
        or al, 1
        ret

; Puts AX into the buffer and tells whoever waits for a key. A full buffer loses it.
store_key:
        pushf
        cli
        mov bx, [bda.key_tail]
        mov si, bx
        add si, 2
        cmp si, [bda.keys_end]
        jb .no_wrap
        mov si, [bda.keys_start]
.no_wrap:
        cmp si, [bda.key_head]
        je .full
        mov [bx], ax
        mov [bda.key_tail], si
        popf
        mov ax, 0x9102
        int 0x15
        ret
.full:
        popf
        ret
